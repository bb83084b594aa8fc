package finding

// Apart cuts what two long texts have in common at their beginning, so that
// what differs is seen where both are shortened to a number of characters.
func Apart(a, b string, limit int) (string, string) {
	left, right := []rune(a), []rune(b)
	if max(len(left), len(right)) <= limit {
		return a, b
	}
	same := 0
	for same < min(len(left), len(right)) && left[same] == right[same] {
		same++
	}
	cut := same - limit/4 // some of it tells where one is
	if same < limit/2 || cut <= 0 {
		return a, b
	}
	return "..." + string(left[cut:]), "..." + string(right[cut:])
}

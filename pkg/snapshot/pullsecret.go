package snapshot

// PullSecret is a Secret that a rendered pod or service account names for
// pulling images.
type PullSecret struct {
	Namespace, Name string
	// By names the object whose pods use it.
	By Key
	// Found says that it is there, Type is then its type.
	Found bool
	Type  string
	// Unknown says why it could not be read; "" if it was.
	Unknown string
}

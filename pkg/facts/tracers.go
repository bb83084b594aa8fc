package facts

// TracerRemoved is the first minor without a tracer; zero while it lives. The
// API still has the fields, which istioctl takes without a word.
func TracerRemoved(kind string) Minor {
	switch kind {
	case "opencensus", "openCensusAgent":
		return Minor{1, 25}
	case "lightstep":
		return Minor{1, 27}
	}
	return Minor{}
}

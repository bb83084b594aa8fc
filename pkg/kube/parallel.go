package kube

import "sync"

// parallel bounds the requests of one question that are open at once. With one
// at a time, a few hundred took ten seconds on real clusters.
const parallel = 16

// InParallel does something for each of the numbers from 0 to n-1, and returns
// when all of it is done.
func InParallel(n int, do func(i int)) {
	slots := make(chan struct{}, parallel)
	var wg sync.WaitGroup
	for i := range n {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			do(i)
		})
	}
	wg.Wait()
}

package steadfast

// latest is a channel that never blocks its one sender: a value that nobody took yet is replaced by the next.
type latest[T any] chan T

func newLatest[T any]() latest[T] {
	return make(chan T, 1)
}

// put must not be called by two goroutines at once, nor after the channel is closed.
func (l latest[T]) put(value T) {
	select {
	case <-l:
	default:
	}
	// The only sender has just seen the channel empty or emptied it, so there is room.
	l <- value
}

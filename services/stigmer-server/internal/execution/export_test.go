package execution

// Followers answers how many follow an execution.
func (x *Executions[E]) Followers(id string) int {
	x.broker.mutex.Lock()
	defer x.broker.mutex.Unlock()
	return len(x.broker.followers[id])
}

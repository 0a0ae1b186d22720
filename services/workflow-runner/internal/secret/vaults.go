package secret

import (
	"context"
	"sync"
)

// vaultLimit bounds the runs whose secrets a runner remembers; a run that was forgotten is asked for again.
const vaultLimit = 256

// Vaults remembers the secrets of runs at work, so that not every task has to ask the server for them.
type Vaults struct {
	// load reads the secrets of an execution.
	load   func(ctx context.Context, executionID string) (map[string]string, error)
	mutex  sync.Mutex
	known  map[string]*Vault
	oldest []string
}

// NewVaults remembers what load reads.
func NewVaults(load func(ctx context.Context, executionID string) (map[string]string, error)) *Vaults {
	return &Vaults{load: load, known: map[string]*Vault{}}
}

// Put remembers the secrets of a run.
func (v *Vaults) Put(executionID, nonce string, secrets map[string]string) *Vault {
	made := NewVault(nonce, secrets)
	key := executionID + "/" + nonce
	v.mutex.Lock()
	defer v.mutex.Unlock()
	if _, ok := v.known[key]; !ok {
		v.oldest = append(v.oldest, key)
	}
	v.known[key] = made
	for len(v.oldest) > vaultLimit {
		delete(v.known, v.oldest[0])
		v.oldest = v.oldest[1:]
	}
	return made
}

// Get returns the vault of a run.
func (v *Vaults) Get(ctx context.Context, executionID, nonce string) (*Vault, error) {
	v.mutex.Lock()
	found, ok := v.known[executionID+"/"+nonce]
	v.mutex.Unlock()
	if ok {
		return found, nil
	}
	secrets, err := v.load(ctx, executionID)
	if err != nil {
		return nil, err
	}
	return v.Put(executionID, nonce, secrets), nil
}

// Package storecli is the program stigmer-store, which shows what lies in a store, also while a server has it open.
package storecli

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/stigmer/stigmer-e2e/services/internal/build"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/store"
)

const program = "stigmer-store"

// Exit codes, each with one meaning.
const (
	ok = iota
	failed
	usageMistake
	interrupted = 130
)

const usage = `stigmer-store shows what lies in a store of stigmer-server, as JSON. A server may have the store open: the program works
on a copy, which it removes.

Usage:
  stigmer-store keys DIR [--prefix P]                          print the keys, as a list
  stigmer-store get DIR KEY... | --prefix P [--show-secrets]   print values by key; resources in their JSON form

  --prefix P       only keys that begin with P, for one "agent/" or "agent:"; for get all of them, "" for the whole store
  --show-secrets   print secret values instead of ***
  --version        print name, version and the digest of the sources
  --help           print this

Keys: {kind}/{id} is a resource; {kind}:{slug} and {kind}:{org}:{slug} are the id behind a slug.
Exit codes: 0 ok, 1 error (a key that is not there included), 2 wrong usage, 130 interrupted.
`

// usageError is a mistake in the arguments.
type usageError struct{ message string }

func (e *usageError) Error() string { return e.message + ": see " + program + " --help" }

// request is what the user wants.
type request struct {
	command     string
	dir         string
	keys        []string
	prefix      string
	everything  bool
	showSecrets bool
}

// Main runs the program with its arguments and answers its exit code. The context ends when the user interrupts.
func Main(ctx context.Context, arguments []string, out, log io.Writer) int {
	wanted, err := parse(arguments)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(out, usage)
		return ok
	case err == nil && wanted.command == "version":
		fmt.Fprintln(out, build.Line(program))
		return ok
	case err == nil:
		err = show(ctx, wanted, out)
	}
	if err == nil {
		return ok
	}
	fmt.Fprintf(log, "%s: %s\n", program, err)
	if _, mistaken := errors.AsType[*usageError](err); mistaken {
		return usageMistake
	}
	if ctx.Err() != nil {
		return interrupted
	}
	return failed
}

// parse reads arguments; flags may stand anywhere.
func parse(arguments []string) (request, error) {
	var wanted request
	flags := flag.NewFlagSet(program, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&wanted.prefix, "prefix", "", "")
	flags.BoolVar(&wanted.showSecrets, "show-secrets", false, "")
	version := flags.Bool("version", false, "")
	var words []string
	for rest := arguments; len(rest) > 0; {
		if err := flags.Parse(rest); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return wanted, err
			}
			return wanted, &usageError{err.Error()}
		}
		if rest = flags.Args(); len(rest) > 0 {
			words, rest = append(words, rest[0]), rest[1:]
		}
	}
	flags.Visit(func(set *flag.Flag) { wanted.everything = wanted.everything || set.Name == "prefix" })
	if *version {
		wanted.command = "version"
		return wanted, nil
	}
	return wanted, wanted.take(words)
}

func (r *request) take(words []string) error {
	if len(words) == 0 {
		return &usageError{"a command is missing, keys or get"}
	}
	r.command = words[0]
	if r.command != "keys" && r.command != "get" {
		return &usageError{fmt.Sprintf("unknown command %q, there are keys and get", r.command)}
	}
	if len(words) < 2 {
		return &usageError{"the directory of the store is missing"}
	}
	r.dir, r.keys = words[1], words[2:]
	switch {
	case r.command == "keys" && len(r.keys) > 0:
		return &usageError{fmt.Sprintf("unexpected argument %q", r.keys[0])}
	case r.command == "get" && len(r.keys) == 0 && !r.everything:
		return &usageError{"a key or --prefix is missing"}
	case r.command == "get" && len(r.keys) > 0 && r.everything:
		return &usageError{"keys and --prefix exclude each other"}
	}
	return nil
}

// show works on a copy of the store, which is removed also when the user interrupts.
func show(ctx context.Context, wanted request, out io.Writer) (err error) {
	copied, err := os.MkdirTemp("", program+"-")
	if err != nil {
		return fmt.Errorf("make a directory for the copy: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(copied)) }()
	opened, err := openCopy(ctx, wanted.dir, copied)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, opened.Close()) }()
	return opened.View(ctx, func(reader store.Reader) error {
		if wanted.command == "keys" {
			return printKeys(reader, wanted.prefix, out)
		}
		return printValues(reader, wanted, out)
	})
}

// openAttempts bounds how often a copy that cannot be opened is made again: a table that a server merged away between the
// copy of the list and the copy of the tables is such a case.
const openAttempts = 3

func openCopy(ctx context.Context, dir, copied string) (*store.Badger, error) {
	var mistake error
	for range openAttempts {
		if err := snapshot(ctx, dir, copied); err != nil {
			return nil, err
		}
		opened, err := store.Open(store.Options{Dir: copied})
		if err == nil {
			return opened, nil
		}
		if full, ok := errors.AsType[*store.FullError](err); ok {
			return nil, fmt.Errorf("the copy needs room in %s, which has %d MiB left: free some, or set TMPDIR to a directory on "+
				"a larger file system", os.TempDir(), full.Free>>20)
		}
		mistake = err
		if err := empty(copied); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("no copy of %s can be opened: the store is damaged, or much is written to it: %w", dir, mistake)
}

func printKeys(reader store.Reader, prefix string, out io.Writer) error {
	keys := []string{}
	for entry, err := range reader.Scan(prefix, store.OldestFirst) {
		if err != nil {
			return err
		}
		keys = append(keys, entry.Key)
	}
	return printJSON(keys, out)
}

func printValues(reader store.Reader, wanted request, out io.Writer) error {
	values := map[string]json.RawMessage{}
	var missing []string
	take := func(key string, value []byte, err error) error {
		if errors.Is(err, store.ErrNotFound) {
			missing = append(missing, key)
			return nil
		}
		if err != nil {
			return err
		}
		values[key], err = decode(key, value, wanted.showSecrets)
		return err
	}
	for _, key := range wanted.keys {
		value, err := reader.Get(key)
		if err := take(key, value, err); err != nil {
			return err
		}
	}
	if wanted.everything {
		for entry, err := range reader.Scan(wanted.prefix, store.OldestFirst) {
			if err != nil {
				return err
			}
			value, err := entry.Value()
			if err := take(entry.Key, value, err); err != nil {
				return err
			}
		}
	}
	if len(missing) > 0 {
		slices.Sort(missing)
		return fmt.Errorf("not in the store: %s (stigmer-store keys shows what is)", strings.Join(missing, ", "))
	}
	return printJSON(values, out)
}

func printJSON(value any, out io.Writer) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

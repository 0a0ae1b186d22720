package testkit

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// Proxy stands between a runner and its server and loses answers: the server has done what it was asked, and the runner
// does not hear of it.
type Proxy struct {
	Address string

	connection *grpc.ClientConn
	mutex      sync.Mutex
	lose       map[string]int
	lost       int
	key        string
	held       string
	arrived    chan struct{}
	released   chan struct{}
}

// NewProxy starts a proxy.
func NewProxy(t *testing.T, target string) *Proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{Address: listener.Addr().String(), lose: map[string]int{}}
	p.connection, err = grpc.NewClient("passthrough:///"+target, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.ForceCodec(raw{})))
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(grpc.ForceServerCodec(raw{}), grpc.UnknownServiceHandler(p.forward))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() {
		server.Stop()
		<-ended
		_ = p.connection.Close()
	})
	return p
}

// Lose loses the next answers of a method, given by the end of its name.
func (p *Proxy) Lose(method string, count int) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.lose[method] = count
}

// Lost is how many answers were lost.
func (p *Proxy) Lost() int {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.lost
}

// Hold keeps the calls of a method, given by the end of its name, until release is called. The channel tells of the
// first that came.
func (p *Proxy) Hold(method string) (arrived <-chan struct{}, release func()) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.held, p.arrived, p.released = method, make(chan struct{}), make(chan struct{})
	return p.arrived, sync.OnceFunc(func() { close(p.released) })
}

// wait keeps a call that is to be held.
func (p *Proxy) wait(ctx context.Context, method string) {
	p.mutex.Lock()
	held, arrived, released := p.held != "" && strings.HasSuffix(method, p.held), p.arrived, p.released
	if held {
		p.held = ""
		close(arrived)
	}
	p.mutex.Unlock()
	if held {
		select {
		case <-released:
		case <-ctx.Done():
		}
	}
}

// Authorization is what the last call had as its authorization.
func (p *Proxy) Authorization() string {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.key
}

func (p *Proxy) note(authorization []string) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.key = strings.Join(authorization, " ")
}

func (p *Proxy) loses(method string) bool {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for suffix, count := range p.lose {
		if strings.HasSuffix(method, suffix) && count > 0 {
			p.lose[suffix]--
			p.lost++
			return true
		}
	}
	return false
}

// forward hands one call on. The runner makes unary calls only.
func (p *Proxy) forward(_ any, stream grpc.ServerStream) error {
	method, _ := grpc.MethodFromServerStream(stream)
	var request, answer []byte
	if err := stream.RecvMsg(&request); err != nil {
		return err
	}
	incoming, _ := metadata.FromIncomingContext(stream.Context())
	p.note(incoming.Get("authorization"))
	p.wait(stream.Context(), method)
	// What the caller no longer waits for is done all the same, as by a server that has begun with it.
	ctx := metadata.NewOutgoingContext(context.WithoutCancel(stream.Context()), incoming)
	if err := p.connection.Invoke(ctx, method, &request, &answer); err != nil {
		return err
	}
	if p.loses(method) {
		return status.Error(codes.Unavailable, "the connection broke")
	}
	if err := stream.SendMsg(&answer); err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// raw hands messages on as they are.
type raw struct{}

func (raw) Marshal(v any) ([]byte, error) { return *v.(*[]byte), nil }

func (raw) Unmarshal(data []byte, v any) error {
	*v.(*[]byte) = append([]byte(nil), data...)
	return nil
}

func (raw) Name() string { return "proto" }

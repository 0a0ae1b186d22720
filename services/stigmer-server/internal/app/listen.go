package app

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/config"
)

// listen answers a listener on 127.0.0.1: the inherited one, or one of its own.
func listen(settings config.Settings) (net.Listener, error) {
	if settings.ListenDescriptor != 0 {
		listener, err := inherit(settings.ListenDescriptor)
		if err != nil {
			return nil, fmt.Errorf("--listen-fd %d: %w", settings.ListenDescriptor, err)
		}
		return listener, nil
	}
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(settings.Port)))
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("port %d is in use: stop the program that listens there, or set GRPC_PORT to another port, 0 "+
			"for any", settings.Port)
	}
	return listener, err
}

// inherit takes over a socket that the parent has bound. The descriptor itself is closed: the listener has a duplicate.
func inherit(descriptor int) (net.Listener, error) {
	listening, err := unix.GetsockoptInt(descriptor, unix.SOL_SOCKET, unix.SO_ACCEPTCONN)
	switch {
	case errors.Is(err, unix.EBADF):
		return nil, errors.New("no such file descriptor: the parent must leave it open for this process")
	case err != nil:
		return nil, errors.New("not a socket: pass a TCP socket that listens on 127.0.0.1")
	case listening == 0:
		return nil, errors.New("the socket does not listen: call listen on it before starting the server")
	}
	file := os.NewFile(uintptr(descriptor), "listen-fd")
	defer file.Close()
	listener, err := net.FileListener(file)
	if err != nil {
		return nil, fmt.Errorf("use the socket: %w", err)
	}
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok || !address.IP.IsLoopback() {
		return nil, errors.Join(
			fmt.Errorf("the socket listens on %s: pass a TCP socket that listens on 127.0.0.1", listener.Addr()), listener.Close(),
		)
	}
	return listener, nil
}

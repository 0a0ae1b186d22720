package activities

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/message"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/value"
)

// target is where a GRPC_CALL goes.
type target struct {
	address string
	service string
	secured bool
}

// parseTarget reads `host:port/package.Service`, with `grpcs://` or `https://` before it for TLS.
func parseTarget(text string) (target, error) {
	parsed := target{}
	rest := text
	if scheme, after, ok := strings.Cut(text, "://"); ok {
		rest = after
		parsed.secured = scheme == "grpcs" || scheme == "https"
		if !parsed.secured && scheme != "grpc" && scheme != "http" {
			return parsed, fmt.Errorf("service %q: the scheme must be grpc or grpcs", text)
		}
	}
	var ok bool
	parsed.address, parsed.service, ok = strings.Cut(rest, "/")
	if _, _, err := net.SplitHostPort(parsed.address); !ok || err != nil || !protoreflect.FullName(parsed.service).IsValid() {
		return parsed, fmt.Errorf("service %q: write host:port/package.Service", text)
	}
	return parsed, nil
}

// GRPC makes a unary call. The service's own reflection says what request and response look like.
func (a *Activities) GRPC(ctx context.Context, w work, call message.GRPCRequest) (message.Result, error) {
	ctx, cancel := context.WithTimeout(ctx, call.Timeout)
	defer cancel()
	where, err := revealTarget(w, call)
	if err != nil {
		return message.Result{}, &failure{kind: message.GRPCError, text: err.Error()}
	}
	what := fmt.Sprintf("%s/%s/%s", where.address, where.service, call.Method)
	secured := insecure.NewCredentials()
	if where.secured {
		secured = credentials.NewTLS(&tls.Config{MinVersion: tls.VersionTLS12})
	}
	connection, err := grpc.NewClient("passthrough:///"+where.address, grpc.WithTransportCredentials(secured))
	if err != nil {
		return message.Result{}, &failure{kind: message.GRPCError, text: err.Error()}
	}
	defer connection.Close()
	response, err := invoke(ctx, w, connection, where, call)
	if err != nil {
		return message.Result{}, grpcFailure(ctx, what, call, err)
	}
	return message.Result{Value: value.Value{V: response}}, nil
}

func revealTarget(w work, call message.GRPCRequest) (target, error) {
	service, err := w.vault.RevealText(call.Service)
	if err != nil {
		return target{}, err
	}
	return parseTarget(service)
}

// invoke finds the method, makes the request from its JSON form, and gives the response in that form, with the fields
// that have their default.
func invoke(
	ctx context.Context, w work, connection *grpc.ClientConn, where target, call message.GRPCRequest,
) (any, error) {
	files, err := reflectFiles(ctx, connection, where.service)
	if err != nil {
		return nil, err
	}
	method, err := findMethod(files, where.service, call.Method)
	if err != nil {
		return nil, err
	}
	revealed, err := w.reveal(call.Request.V)
	if err != nil {
		return nil, err
	}
	if revealed == nil {
		revealed = map[string]any{}
	}
	encoded, err := value.Encode(revealed)
	if err != nil {
		return nil, err
	}
	types := dynamicpb.NewTypes(files)
	request, response := dynamicpb.NewMessage(method.Input()), dynamicpb.NewMessage(method.Output())
	if err := (protojson.UnmarshalOptions{Resolver: types}).Unmarshal(encoded, request); err != nil {
		return nil, fmt.Errorf("the request is no %s: %s", method.Input().FullName(),
			strings.TrimPrefix(err.Error(), "proto:\u00a0"))
	}
	err = connection.Invoke(ctx, "/"+where.service+"/"+call.Method, request, response, grpc.MaxCallRecvMsgSize(bodyLimit))
	if err != nil {
		return nil, err
	}
	written, err := protojson.MarshalOptions{EmitDefaultValues: true, Resolver: types}.Marshal(response)
	if err != nil {
		return nil, err
	}
	return value.Decode(written)
}

// grpcFailure is the failure of a call. What a service says of itself may pass; what it says of the request will not.
func grpcFailure(ctx context.Context, what string, call message.GRPCRequest, err error) error {
	answered, ok := status.FromError(err)
	var failed *failure
	switch {
	case errors.As(err, &failed):
		failed.text = what + ": " + failed.text
		return failed
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return &failure{
			kind: message.GRPCError, text: fmt.Sprintf("%s did not answer within %s", what, call.Timeout), passing: true,
			details: message.Failure{Code: codes.DeadlineExceeded.String()},
		}
	case !ok:
		return &failure{kind: message.GRPCError, text: what + ": " + err.Error()}
	}
	text := fmt.Sprintf("%s answered %s: %s", what, answered.Code(), answered.Message())
	passing := false
	switch answered.Code() {
	case codes.Unavailable, codes.DeadlineExceeded, codes.ResourceExhausted, codes.Aborted:
		passing = true
	}
	return &failure{
		kind: message.GRPCError, text: text, passing: passing,
		details: message.Failure{Code: answered.Code().String()},
	}
}

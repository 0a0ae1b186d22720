package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"buf.build/go/protovalidate"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/recovery"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"
)

// Interceptors are what every call goes through: it is logged, errors become statuses, a crash of a handler stays in its
// call, and the request is checked against the schema.
func Interceptors(logger *slog.Logger) []grpc.ServerOption {
	calls := callLog{logger}
	return []grpc.ServerOption{
		grpc.ChainUnaryInterceptor(calls.unary, recoverUnary, validateUnary),
		grpc.ChainStreamInterceptor(calls.stream, recoverStream, validateStream),
	}
}

var (
	crashed = recovery.WithRecoveryHandlerContext(func(_ context.Context, cause any) error {
		return fmt.Errorf("handler crashed: %v", cause)
	})
	recoverUnary  = recovery.UnaryServerInterceptor(crashed)
	recoverStream = recovery.StreamServerInterceptor(crashed)
)

// checkRequest checks a request against the rules of the schema. The validator is made at the first request: it costs nothing
// at the start of the server.
func checkRequest(request any) error {
	message, ok := request.(proto.Message)
	if !ok {
		return nil
	}
	err := protovalidate.Validate(message)
	violations, invalid := errors.AsType[*protovalidate.ValidationError](err)
	if !invalid {
		return err
	}
	refusal := status.New(codes.InvalidArgument, err.Error())
	if detailed, err := refusal.WithDetails(violations.ToProto()); err == nil {
		refusal = detailed
	}
	return refusal.Err()
}

func validateUnary(ctx context.Context, request any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	if err := checkRequest(request); err != nil {
		return nil, err
	}
	return handle(ctx, request)
}

func validateStream(server any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
	return handle(server, validatedStream{stream})
}

type validatedStream struct{ grpc.ServerStream }

func (s validatedStream) RecvMsg(request any) error {
	if err := s.ServerStream.RecvMsg(request); err != nil {
		return err
	}
	return checkRequest(request)
}

// callLog writes one line per call: method, ids, code and time, never contents, since they hold secrets.
type callLog struct{ logger *slog.Logger }

func (l callLog) unary(
	ctx context.Context, request any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler,
) (any, error) {
	started := time.Now()
	answer, err := handle(ctx, request)
	err = statusOf(err)
	l.write(ctx, info.FullMethod, started, err, idsOf(request, answer))
	return answer, err
}

func (l callLog) stream(server any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
	started := time.Now()
	noted := &notedStream{ServerStream: stream}
	err := statusOf(handle(server, noted))
	l.write(stream.Context(), info.FullMethod, started, err, idsOf(noted.request, nil))
	return err
}

// notedStream keeps the request of a stream for the log.
type notedStream struct {
	grpc.ServerStream
	request any
}

func (s *notedStream) RecvMsg(request any) error {
	s.request = request
	return s.ServerStream.RecvMsg(request)
}

func (l callLog) write(ctx context.Context, method string, started time.Time, err error, ids []any) {
	code := status.Code(err)
	level := slog.LevelDebug
	switch code {
	case codes.OK, codes.Canceled:
	case codes.Internal, codes.Unknown:
		level = slog.LevelError
	default:
		level = slog.LevelInfo
	}
	fields := append([]any{
		"method", method, "code", code.String(), "duration_ms", time.Since(started).Milliseconds(),
	}, ids...)
	if err != nil {
		fields = append(fields, "error", status.Convert(err).Message())
	}
	l.logger.Log(ctx, level, "call", fields...)
}

// idsOf finds the ids in a request and in its answer.
func idsOf(request, answer any) []any {
	var fields []any
	switch named := request.(type) {
	case interface{ GetExecutionId() string }:
		fields = append(fields, "execution_id", named.GetExecutionId())
	case interface{ GetValue() string }:
		fields = append(fields, "resource_id", named.GetValue())
	case interface{ GetResourceId() string }:
		fields = append(fields, "resource_id", named.GetResourceId())
	case interface{ GetSlug() string }:
		fields = append(fields, "slug", named.GetSlug())
	}
	resource, ok := answer.(interface {
		GetMetadata() *apiresource.ApiResourceMetadata
	})
	if ok && len(fields) == 0 && resource.GetMetadata().GetId() != "" {
		fields = append(fields, "resource_id", resource.GetMetadata().GetId())
	}
	return fields
}

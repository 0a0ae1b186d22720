package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/artifact"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/resource"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/store"
)

func TestErrorsBecomeStatuses(t *testing.T) {
	for code, err := range map[codes.Code]error{
		codes.OK:                 nil,
		codes.NotFound:           fmt.Errorf("around: %w", &resource.NotFoundError{Kind: "Agent", Reference: "agt-1"}),
		codes.AlreadyExists:      &resource.ExistsError{Kind: "Agent", Slug: "a", ID: "agt-1"},
		codes.InvalidArgument:    &artifact.InvalidError{Message: "no archive"},
		codes.FailedPrecondition: &UsedError{Message: "is used"},
		codes.ResourceExhausted:  fmt.Errorf("around: %w", &store.FullError{Dir: "/d", Free: 1, Need: 2}),
		codes.Unavailable:        store.ErrClosed,
		codes.Canceled:           context.Canceled,
		codes.DeadlineExceeded:   context.DeadlineExceeded,
		codes.Internal:           errors.New("out of order"),
	} {
		got := statusOf(err)
		if status.Code(got) != code {
			t.Errorf("%v became %v", err, got)
		}
		if err != nil && status.Convert(got).Message() != err.Error() {
			t.Errorf("%q became %q", err, status.Convert(got).Message())
		}
	}
}

func TestACrashOfAHandlerIsAnErrorOfItsCall(t *testing.T) {
	var text strings.Builder
	calls := callLog{slog.New(slog.NewTextHandler(&text, nil))}
	_, err := calls.unary(t.Context(), nil, &grpc.UnaryServerInfo{FullMethod: "/a/b"},
		func(ctx context.Context, request any) (any, error) {
			return recoverUnary(ctx, request, &grpc.UnaryServerInfo{FullMethod: "/a/b"},
				func(context.Context, any) (any, error) { panic("a mistake") })
		})
	if status.Code(err) != codes.Internal || !strings.Contains(text.String(), "a mistake") {
		t.Errorf("answered %v and logged %q", err, text.String())
	}
}

package workflow

import genworkflow "github.com/stigmer/stigmer/sdk/go/gen/workflow"

// GrpcCallTaskConfig is the settings of a GRPC_CALL task.
type GrpcCallTaskConfig = genworkflow.GrpcCallTaskConfig

// GrpcCallArgs is the settings of a GRPC_CALL task.
type GrpcCallArgs = GrpcCallTaskConfig

// GrpcCall makes a task that calls a unary gRPC method. Add it with AddTask.
func GrpcCall(name string, args *GrpcCallArgs) *Task {
	if args == nil {
		args = &GrpcCallArgs{}
	}
	if args.Request == nil {
		args.Request = map[string]interface{}{}
	}
	return &Task{Name: name, Kind: TaskKindGrpcCall, Config: args}
}

package activities

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	reflectionv1 "google.golang.org/grpc/reflection/grpc_reflection_v1"
	reflectionv1alpha "google.golang.org/grpc/reflection/grpc_reflection_v1alpha"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/message"
)

// fileLimit bounds the files that a service may need; large platforms have some hundreds.
const fileLimit = 2000

// asker asks a service about its files: by symbol or by name.
type asker func(symbol, file string) ([][]byte, error)

// reflectFiles asks a service for the declarations of one of its services and of all that this needs.
func reflectFiles(ctx context.Context, connection *grpc.ClientConn, service string) (*protoregistry.Files, error) {
	ask, err := newAsker(ctx, connection, service)
	if err != nil {
		return nil, err
	}
	pending, err := ask(service, "")
	if status.Code(err) == codes.Unimplemented {
		// Many services still have the reflection's older version only.
		if ask, err = newOlderAsker(ctx, connection, service); err == nil {
			pending, err = ask(service, "")
		}
	}
	if err != nil {
		return nil, err
	}
	known := map[string]*descriptorpb.FileDescriptorProto{}
	for len(pending) > 0 {
		missing, err := collect(known, pending)
		if err != nil {
			return nil, err
		}
		if len(known) > fileLimit {
			return nil, fmt.Errorf("the service has more than %d files", fileLimit)
		}
		pending = nil
		for _, name := range missing {
			if _, ok := known[name]; ok || standard(known, name) {
				continue
			}
			more, err := ask("", name)
			if err != nil {
				return nil, err
			}
			pending = append(pending, more...)
		}
	}
	set := &descriptorpb.FileDescriptorSet{}
	for _, file := range known {
		set.File = append(set.File, file)
	}
	return protodesc.NewFiles(set)
}

// collect adds files and returns the names of those that they import.
func collect(known map[string]*descriptorpb.FileDescriptorProto, encoded [][]byte) ([]string, error) {
	var imports []string
	for _, one := range encoded {
		file := &descriptorpb.FileDescriptorProto{}
		if err := proto.Unmarshal(one, file); err != nil {
			return nil, fmt.Errorf("the service's reflection is no protobuf: %w", err)
		}
		known[file.GetName()] = file
		imports = append(imports, file.GetDependency()...)
	}
	slices.Sort(imports)
	return slices.Compact(imports), nil
}

// standard adds a file that comes with protobuf, which not every service hands out.
func standard(known map[string]*descriptorpb.FileDescriptorProto, name string) bool {
	if !strings.HasPrefix(name, "google/protobuf/") {
		return false
	}
	file, err := protoregistry.GlobalFiles.FindFileByPath(name)
	if err != nil {
		return false
	}
	known[name] = protodesc.ToFileDescriptorProto(file)
	for i := range file.Imports().Len() {
		standard(known, file.Imports().Get(i).Path())
	}
	return true
}

// newAsker speaks version 1 of the reflection.
func newAsker(ctx context.Context, connection *grpc.ClientConn, service string) (asker, error) {
	stream, err := reflectionv1.NewServerReflectionClient(connection).ServerReflectionInfo(ctx)
	if err != nil {
		return nil, err
	}
	return func(symbol, file string) ([][]byte, error) {
		request := &reflectionv1.ServerReflectionRequest{
			MessageRequest: &reflectionv1.ServerReflectionRequest_FileContainingSymbol{FileContainingSymbol: symbol},
		}
		if file != "" {
			request.MessageRequest = &reflectionv1.ServerReflectionRequest_FileByFilename{FileByFilename: file}
		}
		if err := stream.Send(request); err != nil {
			// The reason stands in what is received.
			_, err := stream.Recv()
			return nil, err
		}
		response, err := stream.Recv()
		if err != nil {
			return nil, err
		}
		if refusal := response.GetErrorResponse(); refusal != nil {
			return nil, unknown(service, refusal.GetErrorMessage())
		}
		return response.GetFileDescriptorResponse().GetFileDescriptorProto(), nil
	}, nil
}

func newOlderAsker(ctx context.Context, connection *grpc.ClientConn, service string) (asker, error) {
	stream, err := reflectionv1alpha.NewServerReflectionClient(connection).ServerReflectionInfo(ctx)
	if err != nil {
		return nil, err
	}
	return func(symbol, file string) ([][]byte, error) {
		request := &reflectionv1alpha.ServerReflectionRequest{
			MessageRequest: &reflectionv1alpha.ServerReflectionRequest_FileContainingSymbol{FileContainingSymbol: symbol},
		}
		if file != "" {
			request.MessageRequest = &reflectionv1alpha.ServerReflectionRequest_FileByFilename{FileByFilename: file}
		}
		_ = stream.Send(request)
		response, err := stream.Recv()
		switch {
		case status.Code(err) == codes.Unimplemented:
			return nil, &failure{kind: message.GRPCError, text: "the service has no reflection, by which its types are found"}
		case err != nil:
			return nil, err
		}
		if refusal := response.GetErrorResponse(); refusal != nil {
			return nil, unknown(service, refusal.GetErrorMessage())
		}
		return response.GetFileDescriptorResponse().GetFileDescriptorProto(), nil
	}, nil
}

func unknown(service, text string) error {
	return &failure{kind: message.GRPCError, text: fmt.Sprintf("no service %s there: %s", service, text)}
}

func findMethod(files *protoregistry.Files, service, name string) (protoreflect.MethodDescriptor, error) {
	found, err := files.FindDescriptorByName(protoreflect.FullName(service))
	declared, ok := found.(protoreflect.ServiceDescriptor)
	if err != nil || !ok {
		return nil, unknown(service, "its reflection does not know it")
	}
	method := declared.Methods().ByName(protoreflect.Name(name))
	if method == nil {
		var names []string
		for i := range declared.Methods().Len() {
			names = append(names, string(declared.Methods().Get(i).Name()))
		}
		return nil, &failure{kind: message.GRPCError, text: fmt.Sprintf("no method %q; use one of %s", name, strings.Join(names, ", "))}
	}
	if method.IsStreamingClient() || method.IsStreamingServer() {
		return nil, &failure{kind: message.GRPCError, text: fmt.Sprintf("method %q streams; only unary methods can be called", name)}
	}
	return method, nil
}

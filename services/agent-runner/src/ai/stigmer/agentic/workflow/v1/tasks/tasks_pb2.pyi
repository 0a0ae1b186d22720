from ai.stigmer.agentic.workflow.v1 import workflow_pb2 as _workflow_pb2
from ai.stigmer.commons.apiresource import metadata_pb2 as _metadata_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SetTaskConfig(_message.Message):
    __slots__ = ("variables",)
    class VariablesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    VARIABLES_FIELD_NUMBER: _ClassVar[int]
    variables: _containers.ScalarMap[str, str]
    def __init__(self, variables: _Optional[_Mapping[str, str]] = ...) -> None: ...

class HttpCallTaskConfig(_message.Message):
    __slots__ = ("method", "endpoint", "headers", "body", "timeout_seconds")
    class HeadersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    METHOD_FIELD_NUMBER: _ClassVar[int]
    ENDPOINT_FIELD_NUMBER: _ClassVar[int]
    HEADERS_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_SECONDS_FIELD_NUMBER: _ClassVar[int]
    method: str
    endpoint: HttpEndpoint
    headers: _containers.ScalarMap[str, str]
    body: _struct_pb2.Struct
    timeout_seconds: int
    def __init__(self, method: _Optional[str] = ..., endpoint: _Optional[_Union[HttpEndpoint, _Mapping]] = ..., headers: _Optional[_Mapping[str, str]] = ..., body: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., timeout_seconds: _Optional[int] = ...) -> None: ...

class HttpEndpoint(_message.Message):
    __slots__ = ("uri",)
    URI_FIELD_NUMBER: _ClassVar[int]
    uri: str
    def __init__(self, uri: _Optional[str] = ...) -> None: ...

class GrpcCallTaskConfig(_message.Message):
    __slots__ = ("service", "method", "request")
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    service: str
    method: str
    request: _struct_pb2.Struct
    def __init__(self, service: _Optional[str] = ..., method: _Optional[str] = ..., request: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ...) -> None: ...

class CallActivityTaskConfig(_message.Message):
    __slots__ = ("activity", "input")
    ACTIVITY_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    activity: str
    input: _struct_pb2.Struct
    def __init__(self, activity: _Optional[str] = ..., input: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ...) -> None: ...

class SwitchTaskConfig(_message.Message):
    __slots__ = ("cases",)
    CASES_FIELD_NUMBER: _ClassVar[int]
    cases: _containers.RepeatedCompositeFieldContainer[SwitchCase]
    def __init__(self, cases: _Optional[_Iterable[_Union[SwitchCase, _Mapping]]] = ...) -> None: ...

class SwitchCase(_message.Message):
    __slots__ = ("name", "when", "then")
    NAME_FIELD_NUMBER: _ClassVar[int]
    WHEN_FIELD_NUMBER: _ClassVar[int]
    THEN_FIELD_NUMBER: _ClassVar[int]
    name: str
    when: str
    then: str
    def __init__(self, name: _Optional[str] = ..., when: _Optional[str] = ..., then: _Optional[str] = ...) -> None: ...

class ForTaskConfig(_message.Message):
    __slots__ = ("each", "do")
    EACH_FIELD_NUMBER: _ClassVar[int]
    IN_FIELD_NUMBER: _ClassVar[int]
    DO_FIELD_NUMBER: _ClassVar[int]
    each: str
    do: _containers.RepeatedCompositeFieldContainer[_workflow_pb2.WorkflowTask]
    def __init__(self, each: _Optional[str] = ..., do: _Optional[_Iterable[_Union[_workflow_pb2.WorkflowTask, _Mapping]]] = ..., **kwargs) -> None: ...

class ForkTaskConfig(_message.Message):
    __slots__ = ("branches", "compete")
    BRANCHES_FIELD_NUMBER: _ClassVar[int]
    COMPETE_FIELD_NUMBER: _ClassVar[int]
    branches: _containers.RepeatedCompositeFieldContainer[ForkBranch]
    compete: bool
    def __init__(self, branches: _Optional[_Iterable[_Union[ForkBranch, _Mapping]]] = ..., compete: bool = ...) -> None: ...

class ForkBranch(_message.Message):
    __slots__ = ("name", "do")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DO_FIELD_NUMBER: _ClassVar[int]
    name: str
    do: _containers.RepeatedCompositeFieldContainer[_workflow_pb2.WorkflowTask]
    def __init__(self, name: _Optional[str] = ..., do: _Optional[_Iterable[_Union[_workflow_pb2.WorkflowTask, _Mapping]]] = ...) -> None: ...

class TryTaskConfig(_message.Message):
    __slots__ = ("catch",)
    TRY_FIELD_NUMBER: _ClassVar[int]
    CATCH_FIELD_NUMBER: _ClassVar[int]
    catch: CatchBlock
    def __init__(self, catch: _Optional[_Union[CatchBlock, _Mapping]] = ..., **kwargs) -> None: ...

class CatchBlock(_message.Message):
    __slots__ = ("do",)
    AS_FIELD_NUMBER: _ClassVar[int]
    DO_FIELD_NUMBER: _ClassVar[int]
    do: _containers.RepeatedCompositeFieldContainer[_workflow_pb2.WorkflowTask]
    def __init__(self, do: _Optional[_Iterable[_Union[_workflow_pb2.WorkflowTask, _Mapping]]] = ..., **kwargs) -> None: ...

class ListenTaskConfig(_message.Message):
    __slots__ = ("to",)
    TO_FIELD_NUMBER: _ClassVar[int]
    to: ListenTo
    def __init__(self, to: _Optional[_Union[ListenTo, _Mapping]] = ...) -> None: ...

class ListenTo(_message.Message):
    __slots__ = ("mode", "signals")
    MODE_FIELD_NUMBER: _ClassVar[int]
    SIGNALS_FIELD_NUMBER: _ClassVar[int]
    mode: str
    signals: _containers.RepeatedCompositeFieldContainer[SignalSpec]
    def __init__(self, mode: _Optional[str] = ..., signals: _Optional[_Iterable[_Union[SignalSpec, _Mapping]]] = ...) -> None: ...

class SignalSpec(_message.Message):
    __slots__ = ("id", "type")
    ID_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    id: str
    type: str
    def __init__(self, id: _Optional[str] = ..., type: _Optional[str] = ...) -> None: ...

class WaitTaskConfig(_message.Message):
    __slots__ = ("seconds",)
    SECONDS_FIELD_NUMBER: _ClassVar[int]
    seconds: int
    def __init__(self, seconds: _Optional[int] = ...) -> None: ...

class RaiseTaskConfig(_message.Message):
    __slots__ = ("error", "message")
    ERROR_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    error: str
    message: str
    def __init__(self, error: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class RunTaskConfig(_message.Message):
    __slots__ = ("workflow", "input")
    WORKFLOW_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    workflow: str
    input: _struct_pb2.Struct
    def __init__(self, workflow: _Optional[str] = ..., input: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ...) -> None: ...

class AgentCallTaskConfig(_message.Message):
    __slots__ = ("agent", "scope", "message", "env", "config")
    class EnvEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    AGENT_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    ENV_FIELD_NUMBER: _ClassVar[int]
    CONFIG_FIELD_NUMBER: _ClassVar[int]
    agent: str
    scope: _metadata_pb2.ApiResourceOwnerScope
    message: str
    env: _containers.ScalarMap[str, str]
    config: AgentExecutionConfig
    def __init__(self, agent: _Optional[str] = ..., scope: _Optional[_Union[_metadata_pb2.ApiResourceOwnerScope, str]] = ..., message: _Optional[str] = ..., env: _Optional[_Mapping[str, str]] = ..., config: _Optional[_Union[AgentExecutionConfig, _Mapping]] = ...) -> None: ...

class AgentExecutionConfig(_message.Message):
    __slots__ = ("model", "timeout", "temperature")
    MODEL_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    TEMPERATURE_FIELD_NUMBER: _ClassVar[int]
    model: str
    timeout: int
    temperature: float
    def __init__(self, model: _Optional[str] = ..., timeout: _Optional[int] = ..., temperature: _Optional[float] = ...) -> None: ...

from ai.stigmer.commons.apiresource import audit_pb2 as _audit_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ExecutionPhase(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EXECUTION_PHASE_UNSPECIFIED: _ClassVar[ExecutionPhase]
    EXECUTION_PENDING: _ClassVar[ExecutionPhase]
    EXECUTION_IN_PROGRESS: _ClassVar[ExecutionPhase]
    EXECUTION_COMPLETED: _ClassVar[ExecutionPhase]
    EXECUTION_FAILED: _ClassVar[ExecutionPhase]
    EXECUTION_CANCELLED: _ClassVar[ExecutionPhase]

class WorkflowTaskStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    WORKFLOW_TASK_STATUS_UNSPECIFIED: _ClassVar[WorkflowTaskStatus]
    WORKFLOW_TASK_PENDING: _ClassVar[WorkflowTaskStatus]
    WORKFLOW_TASK_IN_PROGRESS: _ClassVar[WorkflowTaskStatus]
    WORKFLOW_TASK_COMPLETED: _ClassVar[WorkflowTaskStatus]
    WORKFLOW_TASK_FAILED: _ClassVar[WorkflowTaskStatus]
    WORKFLOW_TASK_SKIPPED: _ClassVar[WorkflowTaskStatus]

class WorkflowTaskType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    WORKFLOW_TASK_TYPE_UNSPECIFIED: _ClassVar[WorkflowTaskType]
    WORKFLOW_TASK_AGENT_INVOCATION: _ClassVar[WorkflowTaskType]
    WORKFLOW_TASK_APPROVAL: _ClassVar[WorkflowTaskType]
    WORKFLOW_TASK_API_CALL: _ClassVar[WorkflowTaskType]
    WORKFLOW_TASK_CONDITIONAL: _ClassVar[WorkflowTaskType]
    WORKFLOW_TASK_PARALLEL: _ClassVar[WorkflowTaskType]
    WORKFLOW_TASK_TRANSFORM: _ClassVar[WorkflowTaskType]
    WORKFLOW_TASK_CUSTOM: _ClassVar[WorkflowTaskType]
EXECUTION_PHASE_UNSPECIFIED: ExecutionPhase
EXECUTION_PENDING: ExecutionPhase
EXECUTION_IN_PROGRESS: ExecutionPhase
EXECUTION_COMPLETED: ExecutionPhase
EXECUTION_FAILED: ExecutionPhase
EXECUTION_CANCELLED: ExecutionPhase
WORKFLOW_TASK_STATUS_UNSPECIFIED: WorkflowTaskStatus
WORKFLOW_TASK_PENDING: WorkflowTaskStatus
WORKFLOW_TASK_IN_PROGRESS: WorkflowTaskStatus
WORKFLOW_TASK_COMPLETED: WorkflowTaskStatus
WORKFLOW_TASK_FAILED: WorkflowTaskStatus
WORKFLOW_TASK_SKIPPED: WorkflowTaskStatus
WORKFLOW_TASK_TYPE_UNSPECIFIED: WorkflowTaskType
WORKFLOW_TASK_AGENT_INVOCATION: WorkflowTaskType
WORKFLOW_TASK_APPROVAL: WorkflowTaskType
WORKFLOW_TASK_API_CALL: WorkflowTaskType
WORKFLOW_TASK_CONDITIONAL: WorkflowTaskType
WORKFLOW_TASK_PARALLEL: WorkflowTaskType
WORKFLOW_TASK_TRANSFORM: WorkflowTaskType
WORKFLOW_TASK_CUSTOM: WorkflowTaskType

class WorkflowExecutionStatus(_message.Message):
    __slots__ = ("phase", "tasks", "output", "error", "started_at", "completed_at", "temporal_workflow_id", "audit")
    PHASE_FIELD_NUMBER: _ClassVar[int]
    TASKS_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    STARTED_AT_FIELD_NUMBER: _ClassVar[int]
    COMPLETED_AT_FIELD_NUMBER: _ClassVar[int]
    TEMPORAL_WORKFLOW_ID_FIELD_NUMBER: _ClassVar[int]
    AUDIT_FIELD_NUMBER: _ClassVar[int]
    phase: ExecutionPhase
    tasks: _containers.RepeatedCompositeFieldContainer[WorkflowTask]
    output: _struct_pb2.Struct
    error: str
    started_at: str
    completed_at: str
    temporal_workflow_id: str
    audit: _audit_pb2.ApiResourceAudit
    def __init__(self, phase: _Optional[_Union[ExecutionPhase, str]] = ..., tasks: _Optional[_Iterable[_Union[WorkflowTask, _Mapping]]] = ..., output: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., error: _Optional[str] = ..., started_at: _Optional[str] = ..., completed_at: _Optional[str] = ..., temporal_workflow_id: _Optional[str] = ..., audit: _Optional[_Union[_audit_pb2.ApiResourceAudit, _Mapping]] = ...) -> None: ...

class WorkflowTask(_message.Message):
    __slots__ = ("task_id", "task_name", "task_type", "input", "output", "status", "started_at", "completed_at", "error", "metadata")
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    TASK_NAME_FIELD_NUMBER: _ClassVar[int]
    TASK_TYPE_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    STARTED_AT_FIELD_NUMBER: _ClassVar[int]
    COMPLETED_AT_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    task_id: str
    task_name: str
    task_type: WorkflowTaskType
    input: _struct_pb2.Struct
    output: _struct_pb2.Struct
    status: WorkflowTaskStatus
    started_at: str
    completed_at: str
    error: str
    metadata: _struct_pb2.Struct
    def __init__(self, task_id: _Optional[str] = ..., task_name: _Optional[str] = ..., task_type: _Optional[_Union[WorkflowTaskType, str]] = ..., input: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., output: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., status: _Optional[_Union[WorkflowTaskStatus, str]] = ..., started_at: _Optional[str] = ..., completed_at: _Optional[str] = ..., error: _Optional[str] = ..., metadata: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ...) -> None: ...

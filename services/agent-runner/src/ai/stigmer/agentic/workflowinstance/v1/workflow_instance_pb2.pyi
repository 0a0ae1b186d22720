from ai.stigmer.commons.apiresource import audit_pb2 as _audit_pb2
from ai.stigmer.commons.apiresource import metadata_pb2 as _metadata_pb2
from ai.stigmer.commons.apiresource import reference_pb2 as _reference_pb2
from ai.stigmer.commons.rpc import page_pb2 as _page_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetWorkflowInstancesByWorkflowRequest(_message.Message):
    __slots__ = ("workflow_id", "page_info")
    WORKFLOW_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_INFO_FIELD_NUMBER: _ClassVar[int]
    workflow_id: str
    page_info: _page_pb2.PageInfo
    def __init__(self, workflow_id: _Optional[str] = ..., page_info: _Optional[_Union[_page_pb2.PageInfo, _Mapping]] = ...) -> None: ...

class WorkflowInstanceId(_message.Message):
    __slots__ = ("value",)
    VALUE_FIELD_NUMBER: _ClassVar[int]
    value: str
    def __init__(self, value: _Optional[str] = ...) -> None: ...

class WorkflowInstanceList(_message.Message):
    __slots__ = ("total_pages", "entries")
    TOTAL_PAGES_FIELD_NUMBER: _ClassVar[int]
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    total_pages: int
    entries: _containers.RepeatedCompositeFieldContainer[WorkflowInstance]
    def __init__(self, total_pages: _Optional[int] = ..., entries: _Optional[_Iterable[_Union[WorkflowInstance, _Mapping]]] = ...) -> None: ...

class WorkflowInstance(_message.Message):
    __slots__ = ("api_version", "kind", "metadata", "spec", "status")
    API_VERSION_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    SPEC_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    api_version: str
    kind: str
    metadata: _metadata_pb2.ApiResourceMetadata
    spec: WorkflowInstanceSpec
    status: _audit_pb2.ApiResourceAuditStatus
    def __init__(self, api_version: _Optional[str] = ..., kind: _Optional[str] = ..., metadata: _Optional[_Union[_metadata_pb2.ApiResourceMetadata, _Mapping]] = ..., spec: _Optional[_Union[WorkflowInstanceSpec, _Mapping]] = ..., status: _Optional[_Union[_audit_pb2.ApiResourceAuditStatus, _Mapping]] = ...) -> None: ...

class WorkflowInstanceSpec(_message.Message):
    __slots__ = ("workflow_id", "description", "env_refs")
    WORKFLOW_ID_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    ENV_REFS_FIELD_NUMBER: _ClassVar[int]
    workflow_id: str
    description: str
    env_refs: _containers.RepeatedCompositeFieldContainer[_reference_pb2.ApiResourceReference]
    def __init__(self, workflow_id: _Optional[str] = ..., description: _Optional[str] = ..., env_refs: _Optional[_Iterable[_Union[_reference_pb2.ApiResourceReference, _Mapping]]] = ...) -> None: ...

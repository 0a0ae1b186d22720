"""Skills: knowledge in Markdown, and files that go with it."""

import asyncio
import io
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass

from agent_runner._errors import ConfigurationError, ToolError
from agent_runner._platform import Platform
from agent_runner.tools._sandbox import LARGEST_FILE, Sandbox
from ai.stigmer.agentic.skill.v1.skill_pb2 import Skill
from ai.stigmer.commons.apiresource.reference_pb2 import ApiResourceReference

_FOLDER = "skills"
# An archive has at most 10 MB; unpacked it may not fill the disk.
_FILES = 1000
_UNPACKED_BYTES = 50 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class LoadedSkill:
    """A skill as a prompt tells of it."""

    name: str
    text: str
    location: str


async def load_skills(
    platform: Platform, references: Iterable[ApiResourceReference], sandbox: Sandbox
) -> list[LoadedSkill]:
    """Read the skills, and unpack the archive of each that has one into the sandbox.

    Raises:
        PlatformError: a skill is not there.
        ConfigurationError: an archive cannot be unpacked.
    """
    return [await _load(platform, reference, sandbox) for reference in references]


def skills_prompt(skills: Iterable[LoadedSkill]) -> str:
    """Write what a system prompt says of the skills; empty without any."""
    sections = [
        f"\n\n### {skill.name}\n"
        + (f"Its files are in `{skill.location}`.\n" if skill.location else "")
        + f"\n{skill.text.strip()}"
        for skill in skills
    ]
    return "\n\n## Skills" + "".join(sections) if sections else ""


async def _load(
    platform: Platform, reference: ApiResourceReference, sandbox: Sandbox
) -> LoadedSkill:
    skill = await platform.skill(reference)
    name = skill.metadata.name or reference.slug
    if not skill.status.artifact_storage_key:
        return LoadedSkill(name, skill.spec.skill_md, "")
    archive = await platform.artifact(skill.status.artifact_storage_key)
    location = f"{_FOLDER}/{skill.metadata.slug or reference.slug}"
    await asyncio.to_thread(_unpack, skill, archive, sandbox, location)
    return LoadedSkill(name, skill.spec.skill_md, location)


def _unpack(skill: Skill, archive: bytes, sandbox: Sandbox, location: str) -> None:
    """Write the archive's files through the sandbox, which refuses paths that lead out of it."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as files:
            for one in _members(files):
                with files.open(one) as file:
                    # The size that an archive states may be a lie.
                    sandbox.write(f"{location}/{one.filename}", file.read(LARGEST_FILE + 1))
    except (zipfile.BadZipFile, ToolError, NotImplementedError, RuntimeError, EOFError) as error:
        message = f"the archive of the skill {skill.metadata.name!r} cannot be unpacked: {error}"
        raise ConfigurationError(message) from error


def _members(files: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    members = [one for one in files.infolist() if not one.is_dir()]
    if len(members) > _FILES or sum(one.file_size for one in members) > _UNPACKED_BYTES:
        message = f"it has more than {_FILES} files or {_UNPACKED_BYTES} bytes"
        raise ToolError(message)
    return members

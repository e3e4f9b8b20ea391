"""The endpoints as tools for other programs, by the Model Context Protocol (MCP), at /gradio_api/mcp.

Gradio's server of it, with three things of our own: tools bear their endpoints' names; a photo comes as a data: URI or
as the address of an upload of this server, for nothing is fetched from elsewhere; and answers are JSON and pictures.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import gradio.mcp
from gradio.exceptions import AppError  # type: ignore[attr-defined]  # not exported by its own word
from gradio.utils import get_upload_folder

from resnet_demo.errors import NotAnImageError, ResNetDemoError
from resnet_demo.ui.gate import admit
from resnet_demo.ui.hosting.callers import on_behalf_of
from resnet_demo.ui.hosting.doors import FILE
from resnet_demo.ui.hosting.monitoring import MonitoredBlocks
from resnet_demo.ui.refusals import with_code

# MCP's library takes messages of up to 4 MiB, and base64 makes four letters of three bytes.
PHOTO = (
    "A photo is given as a data: URI (data:image/jpeg;base64,...) of up to 3 MB, or, up to 20 MB, as what "
    "POST /gradio_api/upload of this server answers (multipart form, field `files`); "
    "addresses on other hosts are refused."
)


class PhotoTools(gradio.mcp.GradioMCPServer):
    """The tools of a page."""

    blocks: MonitoredBlocks

    def get_tool_to_endpoint(self) -> dict[str, str]:
        """Tools by their endpoints' names, on a Space with its name before them."""
        return {self.tool_prefix + name.lstrip("/"): name for name in self.api_info["named_endpoints"]}

    @property
    def _file_data_tool_description(self) -> str:
        return f" {PHOTO}"

    def simplify_filedata_schema(
        self, schema: dict[str, Any]
    ) -> tuple[dict[str, Any], list[list[str | int]]]:
        """As Gradio's; a photo's format is ours."""
        simple, photos = super().simplify_filedata_schema(schema)
        for path in photos:
            at: Any = simple["properties"]
            for part in path[:-1]:
                at = at[part]
            photo = at[path[-1]]
            at[path[-1]] = {
                "type": "string",
                "format": "data URI, or what /gradio_api/upload answers",
                "description": photo.get("description") or PHOTO,
            }
        return simple, photos

    def convert_strings_to_filedata(self, value: Any, filedata_positions: list[list[str | int]]) -> Any:
        """The arguments, with each photo as a file of the upload folder.

        Raises:
            FileNotAdmittedError: another address than an upload's.
            NotAnImageError: a data: URI that is none.
        """
        photos = {str(path[0]) for path in filedata_positions if len(path) == 1}
        return {
            name: self._file(given) if name in photos and isinstance(given, str) else given
            for name, given in value.items()
        }

    def _prepare_tool_call_args(
        self, name: str, arguments: dict[str, Any]
    ) -> tuple[str, list[Any], dict[str, str], Any]:
        """As Gradio's; the call that follows counts as the caller's."""
        request: Any = self.mcp_server.request_context.request
        try:
            endpoint, values, headers, function = super()._prepare_tool_call_args(name, arguments)
        except ResNetDemoError as error:
            raise RuntimeError(with_code(error, request)) from error
        return endpoint, values, on_behalf_of(request, headers), function

    async def _execute_tool_without_progress(self, job: Any) -> list[Any]:
        """The answer's parts; Gradio's makes one part of several, and one text of a picture and its numbers."""
        try:
            answer = await asyncio.to_thread(job.result)
        except Exception as error:
            raise _as_ours(error) from error
        return list(answer) if isinstance(answer, tuple) else [answer]

    async def _execute_tool_with_progress(self, job: Any, progress_token: str | int) -> Any:
        """As Gradio's, but for what the door refuses."""
        try:
            return await super()._execute_tool_with_progress(job, progress_token)
        except Exception as error:
            raise _as_ours(error) from error

    def postprocess_output_data(self, data: Any, root_url: str) -> list[Any]:
        """As Gradio's: a picture is a picture; a gallery is several; anything else is JSON, not Python's notation."""
        parts: list[Any] = []
        for part in data:
            shown = (
                [p.get("image") if isinstance(p, dict) else None for p in part]
                if isinstance(part, list)
                else [part]
            )
            if shown and all(map(_is_file, shown)):
                parts += shown
            else:
                parts.append(json.dumps(part, ensure_ascii=False))
        return super().postprocess_output_data(parts, root_url)

    def _file(self, given: str) -> dict[str, str]:
        if not given.startswith("data:"):
            address = unquote(urlsplit(given).path) if given.startswith(("http://", "https://")) else given
            return {"path": str(admit(address.partition(FILE)[2] if FILE in address else address))}
        kind, _, text = given.partition(",")
        try:
            if not kind.endswith(";base64"):
                raise ValueError("no base64")
            data = base64.b64decode(text, validate=True)
        except (ValueError, binascii.Error) as error:
            raise NotAnImageError(
                "The photo is no data: URI that can be read. Received: {kind},... Accepted: "
                "data:image/jpeg;base64,... and the like.",
                kind=kind[:40],
            ) from error
        path = Path(get_upload_folder()) / secrets.token_hex(32) / "photo"
        path.parent.mkdir(parents=True)
        path.write_bytes(data)
        self.blocks.upload_file_set.add(str(path))  # so that it is deleted like any upload
        return {"path": str(path)}


def _as_ours(error: Exception) -> Exception:
    """An error of Gradio's client whose text is the code and the sentence of ours that it stands for."""
    if isinstance(error, AppError):  # of the endpoint
        return RuntimeError(f"{error.title}: {error.message}")
    if (response := getattr(error, "response", None)) is not None:  # of the door, in the body
        refused = response.json()
        return RuntimeError(f"{refused['code']}: {refused['error']}")
    return error


def _is_file(part: Any) -> bool:
    return isinstance(part, dict) and isinstance(part.get("path"), str) and "meta" in part


def add_tools(page: MonitoredBlocks) -> PhotoTools:
    """Let the page have its tools; they are served from its launch on."""
    tools = PhotoTools(page)
    page.mcp_server_obj = tools
    page.mcp_server = True
    return tools

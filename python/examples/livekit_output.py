"""LiveKit Agents on a device of this machine: `session.output.audio = OutdataOutput()`.

Tried with livekit-agents 1.8.9 and livekit 1.1.21, in a session that speaks and is interrupted.
"""

import asyncio
import time

from livekit import rtc
from livekit.agents.voice import io

from outdata import Interrupted, Player


class OutdataOutput(io.AudioOutput):
    """Plays what an agent says. Whatever was heard of it is told, to the frame, also when it is interrupted."""

    def __init__(self, *, sample_rate: int = 24000, channels: int = 1, backend: str = "default") -> None:
        super().__init__(
            label="outdata", capabilities=io.AudioOutputCapabilities(pause=True), sample_rate=sample_rate
        )
        self._player = Player(f"{sample_rate}x{channels}:s16", backend=backend)
        self._is_open = False
        self._is_writing = False
        self._telling = asyncio.create_task(self._tell())

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        await super().capture_frame(frame)
        if not self._is_open:
            self._player.begin_utterance()
            self._is_open = True
        self._is_writing = True
        try:
            await self._player.awrite(frame.data)
        except Interrupted:
            # The rest of the segment is not wanted; its receipt is on its way.
            pass
        finally:
            self._is_writing = False
            if not self._is_open:
                self._player.end_utterance()

    def flush(self) -> None:
        super().flush()
        self._end()

    def clear_buffer(self) -> None:
        self._player.interrupt_nowait()
        self._end()

    def pause(self) -> None:
        super().pause()
        self._player.pause()

    def resume(self) -> None:
        super().resume()
        self._player.resume()

    async def aclose(self) -> None:
        self._player.close()
        await self._telling

    def _end(self) -> None:
        """Ends the segment; or lets the task do it that is writing, for which this one cannot wait."""
        if self._is_open:
            self._is_open = False
            if not self._is_writing:
                self._player.end_utterance()

    async def _tell(self) -> None:
        async for event in self._player.events():
            if event.kind == "started":
                self.on_playback_started(created_at=time.time())
            elif event.kind in ("finished", "interrupted"):
                self.on_playback_finished(
                    playback_position=event.heard_seconds or 0.0, interrupted=event.kind == "interrupted"
                )

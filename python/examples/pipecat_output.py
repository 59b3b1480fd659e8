"""Pipecat on a device of this machine, in place of the output of `LocalAudioTransport`.

Tried with pipecat-ai 1.14.0, in a pipeline that speaks, is interrupted, speaks again and ends.
"""

from outdata import Interrupted, Player
from pipecat.frames.frames import (
    BotStoppedSpeakingFrame,
    EndFrame,
    Frame,
    InterruptionFrame,
    OutputAudioRawFrame,
    StartFrame,
)
from pipecat.processors.frame_processor import FrameDirection
from pipecat.transports.base_output import BaseOutputTransport
from pipecat.transports.base_transport import TransportParams


class OutdataOutputTransport(BaseOutputTransport):
    """Plays a pipeline's speech. At an interruption what is queued fades out in 20 ms, and `heard` says how much was."""

    def __init__(self, params: TransportParams, *, backend: str = "default") -> None:
        super().__init__(params)
        self._backend = backend
        self._player: Player | None = None
        self._is_open = False
        self._is_writing = False
        self.heard: list[float] = []

    async def start(self, frame: StartFrame) -> None:
        await super().start(frame)
        spec = f"{self.sample_rate}x{self._params.audio_out_channels}:s16"
        # The pipeline takes for spoken what was written: little of it waits here.
        self._player = Player(spec, backend=self._backend, queue_ms=200)
        await self.set_transport_ready(frame)

    async def stop(self, frame: EndFrame) -> None:
        await super().stop(frame)
        if self._player is not None:
            self._end(self._player)
            await self._player.drain()

    async def cleanup(self) -> None:
        await super().cleanup()
        if self._player is not None:
            self._player.close()
            self._player = None

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        # First the base drops what waits there: else it would write that behind the interruption.
        await super().process_frame(frame, direction)
        if isinstance(frame, InterruptionFrame) and self._player is not None:
            receipt = await self._player.ainterrupt()
            if receipt is not None:
                self.heard.append(receipt.heard_seconds)

    async def push_frame(self, frame: Frame, direction: FrameDirection = FrameDirection.DOWNSTREAM) -> None:
        if isinstance(frame, BotStoppedSpeakingFrame) and self._player is not None:
            self._end(self._player)
        await super().push_frame(frame, direction)

    async def write_audio_frame(self, frame: OutputAudioRawFrame) -> bool:
        player = self._player
        if player is None:
            return False
        if not self._is_open:
            player.begin_utterance()
            self._is_open = True
        self._is_writing = True
        try:
            await player.awrite(frame.audio)
        except Interrupted:
            return False
        finally:
            self._is_writing = False
            if not self._is_open:
                player.end_utterance()
        return True

    def _end(self, player: Player) -> None:
        """Ends what is said; or lets the task do it that is writing, for which this one cannot wait."""
        if self._is_open:
            self._is_open = False
            if not self._is_writing:
                player.end_utterance()

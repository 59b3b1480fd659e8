"""Pipecat on a device of this machine, in place of the output of `LocalAudioTransport`."""

from outdata import Interrupted, Player
from pipecat.frames.frames import Frame, InterruptionFrame, OutputAudioRawFrame, StartFrame
from pipecat.processors.frame_processor import FrameDirection
from pipecat.transports.base_output import BaseOutputTransport
from pipecat.transports.base_transport import TransportParams


class OutdataOutputTransport(BaseOutputTransport):
    """Plays a pipeline's speech. At an interruption what is queued fades out in 20 ms, and `heard` says how much was."""

    def __init__(self, params: TransportParams, *, backend: str = "default") -> None:
        super().__init__(params)
        self._backend = backend
        self._player: Player | None = None
        self.heard: list[float] = []

    async def start(self, frame: StartFrame) -> None:
        await super().start(frame)
        spec = f"{self.sample_rate}x{self._params.audio_out_channels}:s16"
        self._player = Player(spec, backend=self._backend)
        await self.set_transport_ready(frame)

    async def cleanup(self) -> None:
        await super().cleanup()
        if self._player is not None:
            self._player.close()
            self._player = None

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        if isinstance(frame, InterruptionFrame) and self._player is not None:
            receipt = await self._player.ainterrupt()
            if receipt is not None:
                self.heard.append(receipt.heard_seconds)
        await super().process_frame(frame, direction)

    async def write_audio_frame(self, frame: OutputAudioRawFrame) -> bool:
        if self._player is None:
            return False
        try:
            await self._player.awrite(frame.audio)
        except Interrupted:
            return False
        return True

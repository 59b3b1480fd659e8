"""A voice agent's playback: sentences in chunks, a barge-in, what was heard of it, the next turn."""

import asyncio
import os

from outdata import Player
from synthesizer import Synthesizer, somebody_speaks


async def say(player: Player, text: str) -> None:
    """Says a sentence to its end, or until somebody speaks."""
    async with player.utterance():
        async for chunk in Synthesizer(text):
            await player.awrite(chunk)
    if not await player.drain():
        heard = next(event for event in player.poll() if event.kind == "interrupted")
        print(f"user speaks; {heard.heard_seconds:.2f} s of it was heard")


async def main() -> None:
    async with Player("24000x1:s16", backend=os.environ.get("OUTDATA_BACKEND", "default")) as player:
        somebody_speaks(0.5, player.interrupt_nowait)
        await say(player, "It was a dark and stormy night, and the rain fell in torrents.")
        await say(player, "Sorry, go ahead.")


if __name__ == "__main__":
    asyncio.run(main())

"""The web phones' passwords without a PBX: which login has which phone is written down as ever."""

from __future__ import annotations

from dataclasses import dataclass, field

from hotline.storage.database import Database
from hotline.storage.tables_phones import PhoneLoginRow


@dataclass
class FakePhones:
    """Gives passwords that tell whose they are; ``talking`` are the extensions in a talk."""

    database: Database
    talking: set[str] = field(default_factory=set)

    async def password(self, extension: str, session_id: str) -> str:
        async with self.database.writing() as session:
            row = PhoneLoginRow(extension=extension, session_id=session_id, at=0.0)
            await session.merge(row)
        return f"secret-{extension}"

    async def in_use(self, extension: str) -> bool:
        return extension in self.talking

    async def cut(self, extension: str) -> bool:
        was = extension in self.talking
        self.talking.discard(extension)
        return was

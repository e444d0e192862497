"""The tree and the signed notes: the vectors that implementations of RFC 6962 share, and two that are not ours."""

import base64
import random
from hashlib import sha256
from types import SimpleNamespace

import pymerkle
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pymerkle.core import _consistency_path_layout
from sigstore._internal.merkle import verify_merkle_inclusion
from sigstore._internal.rekor.checkpoint import SignedCheckpoint
from sigstore._internal.trust import Keyring, RekorKeyring, common_v1
from sigstore._utils import KeyID
from sigstore.errors import VerificationError

from storage import merkle, tiles
from storage.notes import COSIGNATURE, Checkpoint, Key, Note, Signer, Unreadable, checkpoint_text
from storage.sealing import Edge
from storage.tiles import ENTRIES, Tile

LEAVES = [bytes.fromhex(leaf) for leaf in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
A, B = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7", ROOTS[4]
C = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
D = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
E = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
F = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
G = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
INCLUSION = [(0, 8, [A, C, D]), (5, 8, [E, F, B]), (2, 3, [ROOTS[2]]), (1, 5, [ROOTS[1], C, E]), (0, 1, [])]
CONSISTENCY = [(1, 1, []), (1, 8, [A, C, D]), (6, 8, [G, F, B]), (2, 5, [C, E])]


class Grown:
    """A tree that grew as the sealer lets it grow, some entries at a time."""

    def __init__(self, entries: list[bytes]) -> None:
        self.edge = Edge(0)
        self.rows: dict[tuple[int, int], list[bytes]] = {}
        self.bundles: dict[int, bytes] = {}
        for entry in entries:
            self.edge.add(entry)
        for tile, data in self.edge.changed():
            if tile.level == ENTRIES:
                self.bundles[tile.number] = data
            else:
                self.rows[tile.level, tile.number] = tiles.hashes(data)

    def prove(self, ranges: list[merkle.Range]) -> list[bytes]:
        return tiles.prove(ranges, self.rows)


def test_roots_are_those_that_everybody_has() -> None:
    frontier = merkle.Frontier()
    for size, known in enumerate(ROOTS):
        assert frontier.root.hex() == known == Grown(LEAVES[:size]).edge.root.hex()
        if size < 8:
            frontier.add(merkle.leaf_hash(LEAVES[size]))


@pytest.mark.parametrize(("index", "size", "proof"), INCLUSION)
def test_proofs_of_inclusion_are_those_that_everybody_has(index: int, size: int, proof: list[str]) -> None:
    made = Grown(LEAVES[:size]).prove(merkle.inclusion_ranges(index, size))
    assert [step.hex() for step in made] == proof
    root, leaf = bytes.fromhex(ROOTS[size]), merkle.leaf_hash(LEAVES[index])
    assert merkle.included(index, size, leaf, made, root)
    assert not merkle.included(index, size, leaf, [*made, root], root)
    assert not any(merkle.included(other, size, leaf, made, root) for other in range(-1, size + 1) if other != index)


@pytest.mark.parametrize(("old", "new", "proof"), CONSISTENCY)
def test_proofs_of_consistency_are_those_that_everybody_has(old: int, new: int, proof: list[str]) -> None:
    made = Grown(LEAVES[:new]).prove(merkle.consistency_ranges(old, new))
    assert [step.hex() for step in made] == proof
    roots = bytes.fromhex(ROOTS[old]), bytes.fromhex(ROOTS[new])
    assert merkle.consistent(old, new, *roots, made)
    assert not merkle.consistent(old, new, roots[0], merkle.EMPTY, made)
    assert not merkle.consistent(old, new, merkle.EMPTY, roots[1], made)
    assert not merkle.consistent(old, new, *roots, [*made, merkle.EMPTY])


SIZES = [1, 2, 7, 255, 256, 257, 511, 700, 65_536 // 16 + 3]


@pytest.fixture(scope="module")
def entries() -> list[bytes]:
    return [f"entry {number}".encode() for number in range(max(SIZES))]


@pytest.mark.parametrize("size", SIZES)
def test_others_accept_our_proofs(entries: list[bytes], size: int) -> None:
    """pymerkle has the same root, and accepts our proofs of consistency; sigstore those of inclusion."""
    grown = Grown(entries[:size])
    peer = pymerkle.InmemoryTree(algorithm="sha256")
    for entry in entries[:size]:
        peer.append_entry(entry)
    root = grown.edge.root
    assert root == peer.get_root()
    chance = random.Random(size)
    for index in {0, size - 1, *(chance.randrange(size) for _ in range(10))}:
        proof = grown.prove(merkle.inclusion_ranges(index, size))
        assert merkle.included(index, size, merkle.leaf_hash(entries[index]), proof, root)
        verify_merkle_inclusion(_as_sigstore(entries[index], index, size, proof, root))
        with pytest.raises(VerificationError):
            verify_merkle_inclusion(_as_sigstore(b"another", index, size, proof, root))
    for old in {1, size, *(chance.randrange(1, size + 1) for _ in range(10))}:
        old_root = peer.get_root(old)
        proof = grown.prove(merkle.consistency_ranges(old, size))
        assert merkle.consistent(old, size, old_root, root, proof)
        rule, subset, ranges = _consistency_path_layout(old, size)
        theirs = pymerkle.ConsistencyProof("sha256", True, size, old, rule, subset, grown.prove(ranges))
        pymerkle.verify_consistency(old_root, root, theirs, old, size)


def _as_sigstore(entry: bytes, index: int, size: int, proof: list[bytes], root: bytes) -> SimpleNamespace:
    shown = SimpleNamespace(log_index=index, tree_size=size, hashes=proof, root_hash=root)
    return SimpleNamespace(_inner=SimpleNamespace(inclusion_proof=shown, canonicalized_body=entry))


def test_tiles_are_those_of_the_specification() -> None:
    """The example of tlog-tiles, 70,000 entries."""
    widths: dict[int, list[int]] = {}
    for tile in tiles.tiles_of(70_000):
        widths.setdefault(tile.level, []).append(tile.width)
    assert widths == {0: [256] * 273 + [112], 1: [256, 17], 2: [1]}
    assert list(tiles.tiles_of(256)) == [Tile(0, 0), Tile(1, 0, 1)]
    assert tiles.last_tiles(256) == [Tile(1, 0, 1)]
    assert Tile(3, 1_234_067, 8).path == "tile/3/x001/x234/067.p/8"
    assert Tile(ENTRIES, 0).path == "tile/entries/000"


@pytest.mark.parametrize("path", ["0/000", "entries/x001/234", "5/x001/x234/067.p/8", "63/999.p/255"])
def test_addresses_of_tiles_are_read(path: str) -> None:
    tile = tiles.read_path(path)
    assert tile is not None
    assert tile.path == f"tile/{path}"


@pytest.mark.parametrize(
    "path",
    ["", "0/0", "0/0000", "0/x000/001", "00/000", "64/000", "0/000.p/256", "0/000.p/0", "0/000.p/01", "0/000.p/",
     "-1/000", "data/000", "0/../000", "0/000/", "0/x001", "0/" + "x001/" * 20 + "001", "0/000\n"],
)  # fmt: skip
def test_other_addresses_are_none(path: str) -> None:
    assert tiles.read_path(path) is None


# --- Signed notes ---

SIGNER = Signer("gishe.example/log", bytes(range(32)))
TEXT = checkpoint_text("gishe.example/log", 8, bytes.fromhex(ROOTS[8]))


def _keyring() -> RekorKeyring:
    """Our public key, as sigstore keeps those that it trusts."""
    public = Ed25519PublicKey.from_public_bytes(SIGNER.key.public)
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    key = common_v1.PublicKey(raw_bytes=base64.b64encode(der), key_details=common_v1.PublicKeyDetails.PKIX_ED25519)
    return RekorKeyring(Keyring([key]))


def test_another_implementation_reads_our_checkpoints() -> None:
    read = SignedCheckpoint.from_text(SIGNER.note(TEXT))
    assert (read.checkpoint.origin, read.checkpoint.log_size) == ("gishe.example/log", 8)
    assert read.checkpoint.log_hash == ROOTS[8]
    read.signed_note.verify(_keyring(), KeyID(SIGNER.key.id))
    forged = SignedCheckpoint.from_text(SIGNER.note(TEXT).replace("\n8\n", "\n9\n"))
    with pytest.raises(VerificationError):
        forged.signed_note.verify(_keyring(), KeyID(SIGNER.key.id))


def test_a_key_is_named_as_the_specification_says() -> None:
    key = SIGNER.key
    public = key.public
    assert key.id == sha256(b"gishe.example/log\n\x01" + public).digest()[:4]
    assert str(key) == f"gishe.example/log+{key.id.hex()}+{base64.b64encode(bytes([1]) + public).decode()}"
    assert Key.read(str(key)) == key
    for wrong in ("", "a+b", str(key).replace("gishe", "other"), str(key)[:-4], f"a b{key}"):
        with pytest.raises(Unreadable):
            Key.read(wrong)


def test_a_witness_signs_over_the_time() -> None:
    witness = Signer("witness.example/w1", bytes(32), COSIGNATURE)
    note = Note.read(SIGNER.note(TEXT) + witness.line(TEXT, 1_679_315_147))
    assert note.signed_by([SIGNER.key]) == SIGNER.key
    assert note.signed_by([witness.key]) == witness.key
    cosignature = note.signatures[1]
    assert (cosignature.time, cosignature.holds(witness.key, TEXT)) == (1_679_315_147, True)
    moved = cosignature.line.replace(base64.b64encode(cosignature.key_id + cosignature.value[:8]).decode()[:8], "AAAA")
    assert not Note.read(SIGNER.note(TEXT) + moved).signed_by([witness.key])
    assert str(witness.key).partition("+")[2].partition("+")[0] == witness.key.id.hex()
    assert witness.key.id == sha256(b"witness.example/w1\n\x04" + witness.key.public).digest()[:4]


def test_unknown_signatures_are_passed_over_and_a_wrong_known_one_spoils_the_note() -> None:
    stranger = Signer("gishe.example/log", bytes(32))
    note = Note.read(SIGNER.note(TEXT) + stranger.line(TEXT))
    assert note.signed_by([SIGNER.key]) == SIGNER.key
    assert Note.read(stranger.note(TEXT)).signed_by([SIGNER.key]) is None
    spoilt = SIGNER.note(TEXT) + SIGNER.line(TEXT + "more\n")
    assert Note.read(spoilt).signed_by([SIGNER.key]) is None


@pytest.mark.parametrize(
    "note",
    ["", "text", TEXT, TEXT + "\n", SIGNER.note(TEXT).replace("—", "-"), SIGNER.note(TEXT)[:-1],
     SIGNER.note(TEXT).replace("\n8\n", "\n08\n"), SIGNER.note(TEXT).replace("\n8\n", "\n-8\n"),
     SIGNER.note("gishe\n8\n"), SIGNER.note("gishe\n8\nAAAA\n"), SIGNER.note(TEXT).replace("gishe", "gi\x00she")],
)  # fmt: skip
def test_what_is_no_checkpoint_is_refused(note: str) -> None:
    with pytest.raises(Unreadable):
        Checkpoint.read(note)

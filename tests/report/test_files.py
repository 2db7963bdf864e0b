import os
import stat

import pytest

from mobility.errors import OutputError
from mobility.report.files import make_folder, write_text


def test_a_file_is_replaced_whole_and_nothing_else_is_left(tmp_path):
    target = tmp_path / "out.txt"
    target.write_text("before")
    write_text(target, "after ë\n")
    assert target.read_bytes() == "after ë\n".encode()
    assert list(tmp_path.iterdir()) == [target]
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE(target.stat().st_mode) == 0o666 & ~umask


def test_a_failed_write_leaves_what_was_there(tmp_path, monkeypatch):
    target = tmp_path / "out.txt"
    target.write_text("before")

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fdopen", full)
    with pytest.raises(OutputError, match=r"cannot write .*: no space left on device"):
        write_text(target, "after")
    assert target.read_text() == "before"
    assert list(tmp_path.iterdir()) == [target]


def test_a_link_is_followed_and_a_device_written(tmp_path):
    real, link = tmp_path / "real.txt", tmp_path / "link.txt"
    link.symlink_to(real)
    write_text(link, "text")
    assert link.is_symlink()
    assert real.read_text() == "text"
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_text(pipe, "text")
    assert os.read(reader, 9) == b"text"
    os.close(reader)


def test_folders_are_made_one_deep_only(tmp_path):
    assert make_folder(tmp_path / "new").is_dir()
    assert make_folder(tmp_path / "new").is_dir()
    with pytest.raises(OutputError, match="cannot make folder"):
        make_folder(tmp_path / "no" / "such")
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot make folder"):
        make_folder(tmp_path / "file")
    with pytest.raises(OutputError, match="cannot write"):
        write_text(tmp_path, "text")

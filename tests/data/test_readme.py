"""The README of the data says what the contract says."""

from mobility.data.readme import main, make_readme
from mobility.data.schema import read_contract
from mobility.data.tables import corridors_dir


def test_the_committed_readme_is_the_generated_one():
    root = corridors_dir()
    text = (root / "README.md").read_text(encoding="utf-8")
    assert text == make_readme(read_contract(root)), (
        "run `python -m mobility.data.readme --write`"
    )


def test_every_column_stands_in_the_readme_with_its_unit(folder):
    contract = read_contract(folder.write())
    rows = make_readme(contract).splitlines()
    for table in contract.tables.values():
        for field in table.fields:
            name = f"**`{field.name}`**" if field.required else f"`{field.name}`"
            start = f"| {name} | {field.kind} | {field.unit} | "
            assert any(row.startswith(start) for row in rows), field


def test_the_readme_is_printed_or_written(folder, capsys):
    folder.write()
    main([str(folder.root)])
    printed = capsys.readouterr().out
    assert not (folder.root / "README.md").exists()
    main([str(folder.root), "--write"])
    assert capsys.readouterr().out == ""
    assert (folder.root / "README.md").read_text(encoding="utf-8") == printed

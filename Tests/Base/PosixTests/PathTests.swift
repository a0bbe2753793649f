import Posix
import Testing

@Suite struct PathTests {
  @Test("appending adds one slash, whatever the directory ends with")
  func appends() {
    #expect(Path("a").appending("b") == "a/b")
    #expect(Path("a/").appending("b") == "a/b")
    #expect(Path("/").appending("b") == "/b")
    #expect(Path(".").appending("b/c") == "./b/c")
    #expect(Path("").appending("b") == "b")
  }

  @Test(
    "the parent is what contains the last component",
    arguments: [
      ("a", "."), ("", "."), ("a/b", "a"), ("a/b/", "a"), ("a/b//", "a"), ("/a", "/"), ("/", "/"), ("//", "/"),
      ("a//b", "a/"), ("ä/ö", "ä"),
    ])
  func parents(path: String, parent: String) {
    #expect(Path(path).parent.string == parent)
  }

  @Test("a name is its stem, a dot and its extension")
  func names() {
    let path: Path = "/kits/shelter.2.kit/"
    #expect(path.lastComponent == "shelter.2.kit")
    #expect(path.stem == "shelter.2")
    #expect(path.extension == "kit")
    #expect(Path("/").lastComponent == "/")
    #expect(Path("a/.hidden").extension == nil)
    #expect(Path("a/.hidden").stem == ".hidden")
    #expect(Path("a.b/c").extension == nil)
    #expect(Path("a/c.").extension?.isEmpty == true)
    #expect(Path("a/c.").stem == "c")
  }

  @Test("a path, and a text in its place, name the same file")
  func files() throws {
    let directory = try Files.makeTemporaryDirectory("path")
    let file = directory.appending("one")
    try Files.makeDirectory(directory.appending("a/b"))
    try Files.replace(file, with: [1, 2])
    #expect(try Files.read(file.string) == [1, 2])
    #expect(try Files.list(directory) == ["a", "one"])
    let missing = directory.appending("none")
    #expect(throws: SystemError("open", path: missing, code: 2)) { try Files.read(missing) }
    #expect("\(SystemError("open", path: missing, code: 2))" == "\(missing): cannot open: No such file or directory")
  }
}

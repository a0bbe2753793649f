import Glibc
import Posix
import Testing

@testable import Channel

@Suite("The folder of trusted metadata")
struct MetadataFolderTests {
  private let directory: Path
  private let repository = Repository()

  init() throws { directory = try Files.makeTemporaryDirectory("channel") }

  private func write(_ repository: Repository) throws -> DirectorySource {
    let mirror = directory.appending("mirror")
    try Files.makeDirectory(mirror.appending("metadata"))
    for (name, bytes) in repository.files { try Files.replace(mirror.appending("metadata/\(name)"), with: bytes) }
    return DirectorySource(mirror)
  }

  @Test("a stick's channel is followed, and kept as it was read")
  func follows() throws {
    let source = try write(repository)
    let folder = MetadataFolder(directory.appending("trusted"))
    #expect(!folder.isInitialized)
    try folder.initialize(root: repository.trustedRoot)
    var client = try folder.client(now: Repository.start, expiry: .strict)
    try folder.advance(&client, from: source)
    #expect(client.isComplete)
    #expect(folder.read("timestamp.json") == repository.files["timestamp.json"])
    #expect(try Files.list(folder.directory) == ["root.json", "snapshot.json", "targets.json", "timestamp.json"])
  }

  @Test("a root that its keys have not signed is not made the trusted one")
  func initialRoot() throws {
    repository.signers["root"] = []
    repository.publishRoot()
    let folder = MetadataFolder(directory.appending("trusted"))
    #expect(throws: ChannelError.unsigned(file: "root.json", threshold: 2)) {
      try folder.initialize(root: repository.trustedRoot)
    }
    #expect(!folder.isInitialized)
  }

  @Test("a target is read from an offset, not beyond its size, and not through links")
  func reads() throws {
    let targets = directory.appending("mirror/targets")
    try Files.makeDirectory(targets.appending("ro"))
    try Files.replace(targets.appending("ro/a.kit"), with: Array("0123456789".utf8))
    let source = DirectorySource(directory.appending("mirror"))
    var bytes: [UInt8] = []
    try source.target("ro/a.kit", from: 3, size: 8) { bytes += Array($0) }
    #expect(bytes == Array("34567".utf8))
    #expect(throws: ChannelError.missing(file: "ro/b.kit")) { try source.target("ro/b.kit", from: 0, size: 8) { _ in } }
    try posix("symlink") { symlink("ro", targets.appending("link").string) }
    #expect(throws: ChannelError.self) { try source.target("link/a.kit", from: 0, size: 8) { _ in } }
  }
}

import Encoding
import Posix
import Testing

@testable import Kit
@testable import KitBuilder

@Suite("A kit is written")
struct PackTests {
  @Test("what was packed is what is opened, verified and read")
  func roundTrip() throws {
    let directory = try Directory()
    let key = try SecretKey.generate()
    let written = try Pack.write(Sample.kit, bundles: Sample.bundles, signedBy: key, to: directory.file("a.kit"))
    let kit = try KitFile(path: directory.file("a.kit"))
    #expect(kit.manifest == written)
    #expect(kit.bundles.map(\.tag) == ["ro", "cmn-Hans"])
    let signer = try kit.signer(trustedBy: TrustedKeys([key.publicKey]))
    #expect(signer == KitFile.Signer(key: key.publicKey.id, comment: "firstword kit sample 1.0"))
    let clip = try #require(kit.bundle("cmn-Hans")?.clip("safe-here"))
    #expect(clip.file == "languages/cmn-Hans/f1/03-safe-here.opus")
    #expect(try kit.bytes(of: clip) == Sample.noise(300, seed: 903))
    let result = try kit.verifyAll(trustedBy: TrustedKeys([key.publicKey]))
    #expect(result.faults == [])
    #expect(result.clips == 4)
  }

  @Test("the same inputs give the same bytes, in whatever order clips and prompts came")
  func deterministic() throws {
    let directory = try Directory()
    let key = try SecretKey.generate()
    try Pack.write(Sample.kit, bundles: Sample.bundles, signedBy: key, to: directory.file("a.kit"))
    var (kit, bundles) = (Sample.kit, Sample.bundles)
    kit.prompts.reverse()
    for index in bundles.indices { bundles[index].clips.reverse() }
    try Pack.write(kit, bundles: bundles, signedBy: key, to: directory.file("b.kit"))
    #expect(try Files.read(directory.file("a.kit")) == Files.read(directory.file("b.kit")))
    #expect(try Files.list(directory.path) == ["a.kit", "b.kit"])
  }

  @Test("gets the clips' names, sizes and hashes from their content, whatever the caller passes")
  func fillsIn() throws {
    let directory = try Directory()
    var bundle = Sample.bundles[0]
    var entry = Sample.clip(3, "safe-here")
    entry.sha256 = "wrong"
    entry.file = "/etc/passwd"
    entry.bytes = -1
    bundle.clips[0] = PackedClip(entry, content: bundle.clips[0].content)
    try Pack.write(Sample.kit, bundles: [bundle], signedBy: try SecretKey.generate(), to: directory.file("a.kit"))
    let clip = try KitFile(path: directory.file("a.kit")).bundles[0].clips[0]
    #expect(clip.file == "languages/ro/f1/03-safe-here.opus")
    #expect(clip.bytes == 300)
    #expect(clip.sha256 == Digest.sha256(Sample.noise(300, seed: 303)))
  }

  @Test("with content that a reader would refuse is not written, and the existing file stays")
  func refuses() throws {
    let directory = try Directory()
    let path = try directory.write("a.kit", "precious")
    let key = try SecretKey.generate()
    for (expected, change) in [
      ("kit.json: name: ", { kit, _ in kit.name = "" }),
      ("kit.json: prompts[1].number: ", { kit, _ in kit.prompts[0].number = 4 }),
      ("kit.json: bundles: there is none", { _, bundles in bundles = [] }),
      ("kit.json: bundles[1].tag: ro is there twice", { _, bundles in bundles[1].manifest.tag = "ro" }),
      ("kit.json: bundles[1]: cmn-Hans has the number of ro", { _, bundles in bundles[1].manifest.number = 3 }),
      ("bundle.json: clips[0].loudness: is -inf", { _, bundles in bundles[0].clips[0].loudness = -.infinity }),
      ("bundle.json: clips[0].bytes: is 0, not 1", { _, bundles in bundles[0].clips[0].content = [] }),
      ("bundle.json: clips[1]: not above", { _, bundles in bundles[0].clips.append(bundles[0].clips[0]) }),
      ("bundle.json: tag: ", { _, bundles in bundles[0].manifest.tag = "../../etc" }),
      ("operatorLanguage: no bundle has the tag fr", { kit, _ in kit.operatorLanguage = "fr" }),
      ("finder.languages[0]: no bundle has the tag fr", { kit, _ in kit.finder.languages = ["fr"] }),
      ("finder.languages[1]: ro is there twice", { kit, _ in kit.finder.languages = ["ro", "ro"] }),
      ("finder.pause: is 0", { kit, _ in kit.finder.pause = 0 }),
      ("sequences[0].id: safe-here is taken", { kit, _ in kit.sequences = [Sample.sequence("safe-here")] }),
      ("sequences[0].id: opening is taken", { kit, _ in kit.sequences = [Sample.sequence("opening")] }),
      ("sequences[0].id: stop is the name", { kit, _ in kit.sequences = [Sample.sequence("stop")] }),
      ("steps[0].prompt: pain is no prompt", { kit, _ in kit.sequences = [Sample.sequence("a", "pain")] }),
      ("steps: there is none", { kit, _ in kit.sequences = [KitSequence(id: "a", title: "A", steps: [])] }),
    ] as [(String, (inout KitManifest, inout [PackedBundle]) -> Void)] {
      var (kit, bundles) = (Sample.kit, Sample.bundles)
      change(&kit, &bundles)
      let (name, languages) = (kit, bundles)
      do throws(PackError) {
        try Pack.write(name, bundles: languages, signedBy: key, to: path)
        Issue.record("\(expected) was not found")
      } catch {
        #expect("\(error)".contains(expected), "\(error)")
      }
      #expect(try Files.read(path) == Array("precious".utf8))
    }
    #expect(try Files.list(directory.path) == ["a.kit"])
  }

  @Test("into an impossible place is an error in one line, and leaves no file")
  func cannotWrite() throws {
    let directory = try Directory()
    let key = try SecretKey.generate()
    try Files.makeDirectory(directory.file("directory"))
    for (path, cause) in [
      (directory.file("directory"), "Is a directory"), (directory.file("none/a.kit"), "No such file or directory"),
      ("/proc/a.kit", "No such file or directory"),
    ] {
      do throws(PackError) {
        try Pack.write(Sample.kit, bundles: Sample.bundles, signedBy: key, to: path)
        Issue.record("it was written")
      } catch { #expect("\(error)".hasSuffix(cause), "\(error)") }
    }
    #expect(try Files.list(directory.path) == ["directory"])
  }

  @Test("with a duplicate name is refused")
  func twice() throws {
    let directory = try Directory()
    for names in [["a", "a"], ["mimetype"]] {
      #expect(throws: PackError.self) { try Pack.write(names.map { ($0, [1]) }, to: directory.file("a.kit")) }
    }
    #expect(try Files.list(directory.path) == [])
  }

  @Test("replaces the temporary file of a killed build")
  func leftover() throws {
    let directory = try Directory()
    _ = try directory.write("a.kit.part", String(repeating: "x", count: 100_000))
    try Pack.write(Sample.kit, bundles: Sample.bundles, signedBy: try SecretKey.generate(), to: directory.file("a.kit"))
    #expect(try KitFile(path: directory.file("a.kit")).faults() == [])
    #expect(try Files.list(directory.path) == ["a.kit"])
  }
}

import Posix
import Testing

@testable import Kit
@testable import KitBuilder

@Suite("A kit is written")
struct PackTests {
  @Test("what was packed is what is opened, verified and read")
  func roundTrip() throws {
    let folder = try Folder()
    let key = try SecretKey.generate()
    let written = try Pack.write(Sample.kit, bundles: Sample.bundles, signedBy: key, to: folder.file("a.kit"))
    let kit = try KitFile(path: folder.file("a.kit"))
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
    let folder = try Folder()
    let key = try SecretKey.generate()
    try Pack.write(Sample.kit, bundles: Sample.bundles, signedBy: key, to: folder.file("a.kit"))
    var (kit, bundles) = (Sample.kit, Sample.bundles)
    kit.prompts.reverse()
    for index in bundles.indices { bundles[index].clips.reverse() }
    try Pack.write(kit, bundles: bundles, signedBy: key, to: folder.file("b.kit"))
    #expect(try Files.read(folder.file("a.kit")) == Files.read(folder.file("b.kit")))
    #expect(try Files.list(folder.path) == ["a.kit", "b.kit"])
  }
}

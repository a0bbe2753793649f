import ChannelPublisher
import Encoding
import Foundation
import Glibc
import Kit
import Posix
import Testing

@Suite("A channel's rotations, and what it no longer needs")
struct ChannelTidyTests {
  private let bench: ChannelBench

  init() throws { bench = try ChannelBench() }

  private func rotation(_ old: String, _ new: String) throws -> String {
    let rotation = KeyRotation(from: try bench.key(old).publicKey, to: try bench.key(new).publicKey, date: "2026-05-01")
    let path = bench.directory.appending("\(old)-\(new).json").string
    try SignedFile.write(try rotation.json(), to: path, signedBy: try bench.key(old), comment: rotation.comment)
    return path
  }

  @Test("a key rotation is offered with its signature, once, and only if the old key has signed it")
  func rotations() throws {
    let folder = try bench.published()
    let trusted = TrustedKeys([try bench.key("publisher").publicKey])
    let path = try rotation("publisher", "next")
    let name = "rotation-\(try bench.key("publisher").publicKey.id).json"
    #expect(try folder.add(rotation: path, trustedBy: trusted, now: bench.now) == .added(name))
    #expect(try folder.add(rotation: path, trustedBy: trusted, now: bench.now) == .known(name))
    #expect(throws: SignedFileError.self) {
      try folder.add(rotation: try rotation("stranger", "next"), trustedBy: trusted, now: bench.now)
    }
    #expect {
      try folder.add(rotation: try rotation("publisher", "other"), trustedBy: trusted, now: bench.now)
    } throws: { "\($0)".contains("remove that first") }
    try bench.sign(folder, "kits")
    let files = try bench.read().files
    #expect(files.isSuperset(of: [name, name + ".minisig"]), "\(files)")
    _ = try folder.remove(name, now: bench.now)
    try bench.sign(folder, "kits")
    #expect(try bench.read().files.isDisjoint(with: [name, name + ".minisig"]))
  }

  @Test("the same recall list is offered with the signature of the key that follows")
  func signedAnew() throws {
    let folder = try bench.published()
    let list = try bench.recalls(issue: 2)
    _ = try folder.recall(list, trustedBy: nil, now: bench.now)
    try bench.sign(folder, "kits")
    let content = try Files.read(list)
    try SignedFile.write(content, to: list, signedBy: try bench.key("next"), comment: "recalls")
    #expect(try folder.recall(list, trustedBy: nil, now: bench.now) == .added("recalls.json"))
    #expect(try folder.recall(list, trustedBy: nil, now: bench.now) == .known("recalls.json"))
  }

  @Test("what nobody needs any more is removed after a week, and a reader of any age still gets through")
  func tidies() throws {
    let folder = try bench.published()
    let first = try bench.read()
    _ = try folder.add(kit: try bench.kit("1.1"), acceptsDrafts: true, now: bench.now)
    _ = try folder.remove("sample-1.0.kit", now: bench.now)
    try bench.sign(folder, "kits")
    _ = try folder.rotate("root", add: try bench.named("dora"), remove: ["chris"], now: bench.now)
    try bench.sign(folder, "anna", "ben", "dora")
    // A kit that waits for a signature is needed too.
    _ = try folder.add(kit: try bench.kit("1.2"), acceptsDrafts: true, now: bench.now)
    let before = try bench.read()
    // The files are of this moment, whatever the channel's clock says.
    let today = WallTime.now
    #expect(try folder.tidy(now: today).files.isEmpty)
    let later = WallTime(milliseconds: today.milliseconds + 8 * WallTime.day)
    let trial = try folder.tidy(isTrial: true, now: later)
    #expect(try folder.tidy(now: later) == trial)
    #expect(trial.files.contains { $0.hasSuffix(".sample-1.0.kit") } && trial.bytes > 0)
    #expect(trial.files.contains("metadata/1.targets.json") && trial.files.contains("metadata/1.snapshot.json"))
    #expect(
      trial.files.allSatisfy { !$0.contains("root.json") && !$0.contains("sample-1.1") && !$0.contains("sample-1.2") })
    #expect(try folder.tidy(now: later).files.isEmpty)
    #expect(try bench.read() == before && first.root == 1 && before.root == 2)
    try bench.sign(folder, "kits")
    #expect(try bench.read().files.contains("sample-1.2.kit"))
  }

  @Test("a channel that has published nothing is left as it is")
  func unpublished() throws {
    let folder = try bench.make()
    #expect(throws: PublisherError.self) { try folder.tidy(now: bench.now) }
  }
}

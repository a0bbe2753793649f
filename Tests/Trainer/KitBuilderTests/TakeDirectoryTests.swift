import Catalogue
import Foundation
import Glibc
import Posix
import Testing

@testable import KitBuilder

@Suite("The directory of takes")
struct TakeDirectoryTests {
  private let shop: Workshop
  private let directory: TakeDirectory
  private let prompt: Prompt

  init() throws {
    shop = try Workshop()
    directory = TakeDirectory(project: shop.path, language: "ro", voice: "f1")
    prompt = try #require(try Catalogue.load(directory: Catalogue.locate(nil)).prompt("safe-here"))
  }

  private func names(_ path: String) -> [String] { (try? Files.list("\(shop.path)/\(path)")) ?? [] }

  private func draft(_ value: Int32 = 1 << 24) throws -> Take {
    try directory.draft(Array(repeating: value, count: 480), rate: 48_000, bits: 24, of: prompt)
  }

  @Test("writes samples unchanged, in 16 and in 24 bits", arguments: [16, 24])
  func exact(bits: Int) throws {
    let samples = (0..<48_000).map { Int32(truncatingIfNeeded: $0 &* 2_654_435_761) }
    let take = try directory.draft(samples, rate: 48_000, bits: bits, of: prompt)
    let recording = try Recording(path: take.path)
    #expect(recording.rate == 48_000 && recording.channels == 1 && !recording.synthetic)
    let unused = 32 - bits
    #expect(recording.samples == samples.map { Float($0 >> unused) / Float(1 << (bits - 1)) })
  }

  @Test("hides a draft from the project, and removes a dropped one completely")
  func dropped() throws {
    let take = try draft()
    let tree = RecordingTree(
      directory: "\(shop.path)/recordings", languages: ["ro"], known: ["ro"],
      catalogue: Workshop.catalogue([(3, "safe-here", .none)]))
    #expect(tree.takes.isEmpty && tree.findings.isEmpty)
    #expect(directory.recordings(of: prompt).isEmpty)
    directory.drop(take)
    #expect(names("recordings/ro").isEmpty)
  }

  @Test("keeps a draft, and moves the recordings that it replaces to takes, each under its own number")
  func kept() throws {
    let first = try directory.keep(try draft(), of: prompt)
    #expect(first.former.isEmpty && names("recordings/ro/f1") == ["03-safe-here.wav"])
    let old = try Files.read(first.recording.path)
    let second = try directory.keep(try draft(1 << 25), of: prompt)
    #expect(second.former == ["\(shop.path)/takes/ro/f1/03-safe-here.1.wav"])
    #expect(try Files.read(second.former[0]) == old)
    try shop.put("recordings/ro/f1/03.flac", [1])
    try shop.put("recordings/ro/f1/04-other.wav", [2])
    let third = try directory.keep(try draft(1 << 26), of: prompt)
    #expect(third.former.map({ Path($0).lastComponent }) == ["03-safe-here.2.wav", "03-safe-here.3.flac"])
    #expect(names("recordings/ro/f1") == ["03-safe-here.wav", "04-other.wav"])
    #expect(names("takes/ro/f1") == ["03-safe-here.1.wav", "03-safe-here.2.wav", "03-safe-here.3.flac"])
  }

  @Test("a take that stays gets a number of its own, and any of them can become the recording")
  func several() throws {
    func add(_ value: Int32) throws -> Take {
      try directory.add(Array(repeating: value, count: 480), rate: 48_000, bits: 16, of: prompt)
    }
    let takes = [try add(1 << 24), try add(1 << 25), try add(1 << 26)]
    #expect(directory.formerTakes(of: prompt) == takes)
    #expect(takes.map { Path($0.path).lastComponent } == [1, 2, 3].map { "03-safe-here.\($0).wav" })
    #expect(directory.recordings(of: prompt).isEmpty && names("recordings/ro/f1").isEmpty)
    let contents = try takes.map { try Files.read($0.path) }
    #expect(try directory.keep(takes[1], of: prompt).former.isEmpty)
    let second = try directory.keep(takes[2], of: prompt)
    #expect(try Files.read(second.recording.path) == contents[2])
    #expect(try second.former.map { try Files.read($0) } == [contents[1]])
    #expect(directory.formerTakes(of: prompt).count == 2)
    // Takes of a form, of another prompt, and what a killed process left, are none of this one.
    for name in ["03-safe-here.hand.1.wav", "03-safe-here.x.wav", "30-child-alone.1.wav", "03-safe-here.9.wav.part"] {
      try shop.put("takes/ro/f1/\(name)", [1])
    }
    #expect(directory.formerTakes(of: prompt).count == 2)
    let fourth = try add(1 << 27)
    #expect(!names("takes/ro/f1").contains { $0.hasSuffix(".part") })
    directory.drop(fourth)
    #expect(directory.formerTakes(of: prompt).count == 2)
  }

  @Test("changes nothing where it cannot keep a draft")
  func refused() throws {
    let recording = try directory.keep(try draft(), of: prompt).recording
    let old = try Files.read(recording.path)
    // A directory in the place of the draft cannot replace a file.
    let lost = try draft(1 << 25)
    unlink(lost.path)
    #expect(throws: SystemError.self) { _ = try directory.keep(lost, of: prompt) }
    #expect(try Files.read(recording.path) == old)
    #expect(names("takes/ro/f1").isEmpty)
  }
}

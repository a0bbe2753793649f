import Channel
import Encoding
import Kit
import Testing

@testable import Distribution

@Suite("A staged roll-out")
struct RolloutTests {
  private let manifest = Digest.sha256("a kit")

  private func devices(_ count: Int) throws -> [PublicKey] {
    try (0..<count).map { _ in try SecretKey.generate().publicKey }
  }

  @Test("reaches about its share of the devices, and only grows")
  func share() throws {
    let devices = try devices(2000)
    var before: Set<PublicKey> = []
    for percent in [0, 1, 10, 50, 99, 100] {
      let now = Set(devices.filter { Rollout(percent: percent).admits($0, to: manifest) })
      #expect(now.isSuperset(of: before))
      // Four standard deviations of 2,000 draws are below 5 percent.
      #expect(abs(Double(now.count) / 20 - Double(percent)) < 5)
      before = now
    }
    #expect(before.count == 2000)
  }

  @Test("begins with other devices for each kit")
  func kits() throws {
    let devices = try devices(500)
    let first = Set(devices.filter { Rollout(percent: 20).admits($0, to: manifest) })
    let second = Set(devices.filter { Rollout(percent: 20).admits($0, to: Digest.sha256("another kit")) })
    #expect(first != second)
    #expect(first.intersection(second).count < first.count)
  }

  @Test("that is paused admits no device, and takes nothing from those that have the kit")
  func paused() throws {
    let device = try devices(1)[0]
    let old = KitRelease(name: "a", version: "1.0", manifest: Digest.sha256("old"))
    var new = KitRelease(name: "a", version: "1.10", manifest: manifest)
    #expect(KitRelease.choose(from: [new, old], for: device) == [new])
    new.rollout.isPaused = true
    #expect(KitRelease.choose(from: [new, old], for: device) == [old])
    #expect(KitRelease.choose(from: [old, new], for: device, installed: [manifest]) == [new])
  }

  @Test("of which the metadata is malformed is paused")
  func malformed() throws {
    let fields: [String: JSONValue] = [
      "kit": .string("a"), "version": .string("1"), "manifest": .string(manifest),
    ]
    #expect(TargetContent(custom: .object(fields)) == .kit(KitRelease(name: "a", version: "1", manifest: manifest)))
    let broken: [JSONValue] = [
      .integer(5), .object([:]), .object(["percent": .integer(101)]), .object(["percent": .string("5")]),
      .object(["percent": .integer(5), "paused": .integer(0)]),
    ]
    for rollout in broken {
      guard case .kit(let release) = TargetContent(custom: .object(fields.merging(["rollout": rollout]) { $1 })) else {
        Issue.record("\(rollout)")
        continue
      }
      #expect(release.rollout == Rollout(percent: 0, isPaused: true))
    }
    #expect(TargetContent(custom: nil) == .other)
    #expect(TargetContent(custom: .object(["recalls": .integer(-1)])) == .other)
    #expect(TargetContent(custom: .object(["signature": .string("../x")])) == .other)
    #expect(
      TargetContent(custom: .object(["kit": .string("a b"), "version": .string("1"), "manifest": .string(manifest)]))
        == .other)
    let contents: [TargetContent] = [
      .recalls(issue: 7), .signature(of: "a/b.json"),
      .kit(KitRelease(name: "a", version: "1", manifest: manifest, rollout: Rollout(percent: 3, isPaused: true))),
    ]
    for content in contents { #expect(TargetContent(custom: content.custom) == content) }
  }
}

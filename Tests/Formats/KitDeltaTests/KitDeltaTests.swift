import Encoding
import Foundation
import Kit
import KitBuilder
import Posix
import TestSupport
import Testing

@testable import KitDelta

@Suite("A kit is rebuilt from the kits on the device")
struct KitDeltaTests {
  typealias Content = DeltaBench.Content

  @Test("one changed clip of 1,680 costs under 1.5 clips and 200 KB, in at most 8 requests")
  func oneClip() throws {
    let bench = try DeltaBench()
    let letters = Array("abcdefghij")
    let tags = (0..<40).map { "l\(letters[$0 / 10])\(letters[$0 % 10])" }
    var content = Content(tags: tags, clips: 42, clipSize: 3000)
    let old = try bench.kit(content)
    content.version = "1.1"
    content.changed = ["lca-7": 1]
    let (result, source, isSame) = try bench.rebuild(try bench.kit(content), from: [old])
    guard case .rebuilt(let requests, let bytes) = result else {
      Issue.record("\(result)")
      return
    }
    #expect(isSame)
    #expect(requests == source.ranges.count && requests <= 8)
    #expect(bytes == source.fetched && bytes < 4500 + 200_000, "\(bytes) bytes")
  }

  static let kinds: [String] = ["none", "one", "each language", "a new language", "a language less", "another order"]

  @Test("whatever changed, the bytes are the same", arguments: kinds)
  func changes(_ what: String) throws {
    let bench = try DeltaBench()
    let before = Content(tags: ["sq", "ro", "es", "uk"], clips: 12, clipSize: 9000)
    var after = before
    after.version = "2.0.1"
    switch what {
    case "one": after.changed = ["ro-3": 2]
    case "each language": after.changed = ["ro-3": 2, "es-1": 1, "es-12": 3, "uk-5": 1, "sq-6": 4]
    case "a new language": after.tags.insert("ar", at: 1)
    case "a language less": after.tags.removeLast()
    case "another order": after.tags.reverse()
    default: break
    }
    let (result, source, isSame) = try bench.rebuild(try bench.kit(after), from: [try bench.kit(before)])
    guard case .rebuilt = result else {
      Issue.record("\(result)")
      return
    }
    #expect(isSame)
    #expect(source.fetched < source.bytes.count / 2)
  }

  @Test("clips are taken from several kits")
  func severalKits() throws {
    let bench = try DeltaBench()
    let first = try bench.kit(Content(tags: ["ro", "sq"], clips: 12, clipSize: 9000))
    let second = try bench.kit(Content(tags: ["es", "uk"], clips: 12, clipSize: 9000))
    let whole = try bench.kit(Content(version: "3.0", tags: ["ro", "sq", "es", "uk"], clips: 12, clipSize: 9000))
    let (result, source, isSame) = try bench.rebuild(whole, from: [first, second])
    #expect(isSame)
    // Numbers of languages differ between the kits, so two manifests are fetched, and no clip.
    #expect(source.fetched < source.bytes.count / 4)
    if case .needsWhole(let why) = result { Issue.record("\(why)") }
  }

  @Test("few ranges are asked for, though many clips changed")
  func fewRanges() throws {
    let bench = try DeltaBench()
    let before = Content(tags: ["ro", "sq"], clips: 30, clipSize: 40_000)
    var after = before
    after.version = "1.1"
    for number in stride(from: 1, to: 30, by: 3) { after.changed["ro-\(number)"] = 1 }
    let (result, source, isSame) = try bench.rebuild(try bench.kit(after), from: [try bench.kit(before)], limit: 8)
    #expect(source.ranges.count <= 8)
    switch result {
    case .rebuilt(let requests, _): #expect(isSame && requests <= 8)
    case .needsWhole(let why): #expect(why.contains("most of it is new"))
    }
  }

  @Test("without a kit on the device, and without ranges, the whole file is fetched")
  func whole() throws {
    let bench = try DeltaBench()
    let kit = try bench.kit(Content())
    #expect(try bench.rebuild(kit, from: []).result == .needsWhole("there is no kit on this device"))
    let plain = MemorySource(bytes: try Files.read(kit), givesRanges: false)
    let (result, _, _) = try bench.rebuild(kit, from: [kit], source: plain)
    #expect(result == .needsWhole("the source gives whole files only"))
  }

  @Test("another publisher's signatures, and a kit with nothing in common, are fetched whole")
  func foreign() throws {
    let bench = try DeltaBench()
    let content = Content(tags: ["ro", "sq"], clips: 8, clipSize: 9000)
    let own = try bench.kit(content)
    let other = try bench.kit(content, by: try SecretKey.generate())
    if case .rebuilt = try bench.rebuild(other, from: [own]).result {
      Issue.record("its signatures are not on the device")
    }
    var strange = content
    strange.changed = Dictionary(uniqueKeysWithValues: (1...8).flatMap { [("ro-\($0)", 9), ("sq-\($0)", 9)] })
    let (result, source, _) = try bench.rebuild(try bench.kit(strange), from: [own])
    #expect(result == .needsWhole("most of it is new"))
    #expect(source.fetched <= source.bytes.count / 2)
  }

  @Test("a damaged clip on the device does no harm")
  func damaged() throws {
    let bench = try DeltaBench()
    var content = Content(tags: ["ro", "sq"], clips: 8, clipSize: 9000)
    let own = try bench.kit(content)
    var bytes = try Files.read(own)
    bytes[bytes.count / 2] ^= 1
    try Files.replace(own, with: bytes)
    content.version = "1.1"
    let (result, _, _) = try bench.rebuild(try bench.kit(content), from: [own])
    guard case .needsWhole(let why) = result else {
      Issue.record("the damage was used")
      return
    }
    #expect(why.contains("SHA-256"))
  }

  @Test("a hostile server ends in a whole fetch, and never in a wrong file, a crash or more bytes than the file has")
  func hostile() throws {
    let bench = try DeltaBench()
    var content = Content(tags: ["ro", "sq", "es"], clips: 6, clipSize: 2000)
    let own = try bench.kit(content)
    content.version = "1.1"
    content.changed = ["sq-2": 1]
    let new = try bench.kit(content)
    let genuine = try Files.read(new)
    var random = SeededGenerator(seed: 21)
    for round in 0..<120 {
      var source = MemorySource(bytes: genuine)
      switch round % 4 {
      case 0: source.bytes[Int.random(in: 0..<genuine.count, using: &random)] ^= UInt8.random(in: 1...255)
      case 1: source.bytes.removeLast(Int.random(in: 1..<genuine.count, using: &random))
      case 2:
        let place = Int.random(in: 0..<6000, using: &random)
        for step in 0..<40 { source.bytes[place + step] = UInt8.random(in: 0...255, using: &random) }
      default: source.bytes = (0..<genuine.count).map { _ in UInt8.random(in: 0...255, using: &random) }
      }
      let (result, after, isSame) = try bench.rebuild(new, from: [own], source: source)
      #expect(after.fetched <= genuine.count)
      if case .rebuilt = result { #expect(isSame) }
    }
  }

  @Test("ranges cover what is missing, and the widest gaps lie between them")
  func ranges() {
    func item(_ offset: Int, _ size: Int, _ isFetched: Bool) -> DeltaRecipe.Item {
      DeltaRecipe.Item(
        name: "x", size: size - 31, offset: offset, source: isFetched ? .fetched(sha256: "") : .known([]))
    }
    let items = [
      item(0, 100, true), item(100, 1000, false), item(1100, 100, true), item(1200, 100_000, false),
      item(101_200, 100, true), item(101_300, 50_000, false), item(151_300, 100, true),
    ]
    #expect(DeltaRecipe.ranges(of: items, limit: 8) == [0..<1200, 101_200..<101_300, 151_300..<151_400])
    #expect(DeltaRecipe.ranges(of: items, limit: 2) == [0..<1200, 101_200..<151_400])
    #expect(DeltaRecipe.ranges(of: [item(0, 100, false)], limit: 8) == [])
  }
}

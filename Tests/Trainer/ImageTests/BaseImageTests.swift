import CatalogueFixture
import Foundation
import Posix
import TestSupport
import Testing

@testable import Image

@Suite("A base image")
struct BaseImageTests {
  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  /// Returns why a file is no base image; nil where it is one.
  private func refusal(_ path: String) -> String? {
    do {
      _ = try BaseImage(path)
      return nil
    } catch { return "\(error)".replacingOccurrences(of: scratch.directory + "/", with: "") }
  }

  private func base(_ name: String, _ change: (String) -> String = { $0 }) throws -> String {
    try SmallBaseImage(in: scratch.directory, name: name, change: change).path
  }

  @Test("is recognised by its table and its description, and values that this program does not know are no fault")
  func recognised() throws {
    let image = try BaseImage(try base("base.img") { $0.replacing("\"login\"", with: "\"new\":{\"a\":[1]},\"login\"") })
    #expect(image.description.version == "0.1.0" && image.description.kernel == "6.12.1")
    #expect(image.description.partitions.map(\.role) == BaseDescription.Role.allCases)
    #expect(image.size == SmallBaseImage.data + 40 << 20)
    #expect(image.epoch == 1_750_000_000)
  }

  @Test("is distinguished from other files: empty, foreign, packed, another disk's")
  func foreign() throws {
    let none = "this is no base image of Firstword: build one by Hardware/image, or take the published one"
    #expect(refusal(try scratch.write("empty.img", "")) == "empty.img: \(none)")
    let text = String(repeating: "text ", count: 700_000)
    #expect(refusal(try scratch.write("foreign.img", text)) == "foreign.img: \(none)")
    var disk = [UInt8](repeating: 0, count: 3 << 20)
    (disk[510], disk[511]) = (0x55, 0xAA)
    #expect(refusal(try scratch.write("disk.img", disk)) == "disk.img: \(none)")
    let packed = try scratch.write("base.img.xz", [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0] + disk)
    #expect(refusal(packed) == "base.img.xz: the image is packed: unpack it first: xz -dk FILE")
    #expect(refusal(scratch.directory)?.contains("cannot read") == true)
    #expect(refusal(scratch.directory + "/none")?.contains("No such file") == true)
  }

  @Test("is refused if its format or version is another one, or if it is a finished card")
  func others() throws {
    let newer = try base("newer.img") { $0.replacing("firstword-base/1", with: "firstword-base/2") }
    #expect(refusal(newer)?.contains("its format is firstword-base/2, this program reads firstword-base/1") == true)
    let old = try base("old.img") { $0.replacing("\"0.1.0\"", with: "\"0.0.9\"") }
    #expect(refusal(old)?.contains("is of version 0.0.9, which is older than 0.1.0") == true)
    let card = try base("card.img") {
      $0.replacing("{\"format\"", with: "{\"card\":{\"board\":\"b\",\"kit\":\"k 1\"},\"format\"")
    }
    #expect(refusal(card)?.contains("it is a finished card, with the kit k 1") == true)
  }

  @Test("is refused if its description does not fit the table, the size or the rules")
  func damaged() throws {
    let moved = try base("moved.img") { $0.replacing("\"start\":4194304", with: "\"start\":4193792") }
    #expect(refusal(moved)?.contains("partition 1 is not where its description says") == true)
    let second = try base("second.img") { $0.replacing("\"role\":\"b\"", with: "\"role\":\"a\"") }
    #expect(refusal(second)?.contains("needs 'a' exactly once") == true)
    let wide = try base("wide.img") { $0.replacing("\"size\":41943040", with: "\"size\":4194304000") }
    #expect(refusal(wide)?.contains("its description is damaged") == true)
    let config = try base("config.img") { $0.replacing("\"offset\":4718592", with: "\"offset\":9007199254740992") }
    #expect(refusal(config)?.contains("config.offset") == true)
    let short = try base("short.img")
    #expect(truncate(short, 20 << 20) == 0)
    #expect(refusal(short)?.contains("its description is damaged") == true)
  }

  @Test("with any bytes changed it is read or refused, and never traps")
  func hostile() throws {
    let path = try base("base.img")
    let file = try FileDescriptor(opening: path, O_RDONLY)
    let region = try #require(try file.read(4096, at: SmallBaseImage.description.start))
    let text = Array(region.prefix { $0 != 0 })
    let words = ["-1", "9223372036854775807", "18446744073709551616", "1e300", "null", "[]", "\"\"", "{"]
    var state: UInt64 = 7
    func random(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % count
    }
    for _ in 0..<2000 {
      var changed = text
      let place = random(changed.count)
      if random(2) == 0 {
        changed[place] = UInt8(random(256))
      } else {
        let end = min(changed.count, place + random(12))
        changed.replaceSubrange(place..<end, with: Array(words[random(words.count)].utf8))
      }
      _ = try? BaseDescription(json: changed, size: 48 << 20)
      _ = try? CardRecord(json: changed)
      var sector = [UInt8](repeating: UInt8(random(256)), count: 1024)
      (sector[56], sector[57], sector[24], sector[510], sector[511]) = (0x53, 0xEF, UInt8(random(8)), 0x55, 0xAA)
      _ = PartitionTable(sector)
      if let space = DataSpace(sector) { #expect(space.bytes >= 0 && space.need(of: [0, 1 << 40]) > 0) }
    }
  }

  @Test("has a damaged partition: no card is made of it, and nothing is left")
  func flipped() throws {
    let bench = try ImageBench()
    let plan = try bench.plan(try bench.board(), try bench.kit())
    let file = try FileDescriptor(opening: bench.base.path, O_WRONLY)
    try SparseFile.write([1], to: file, bench.base.path, at: SmallBaseImage.system.start + 100)
    #expect {
      _ = try bench.card("card.img", plan)
    } throws: { error in
      "\(error)".contains("partition 2 is damaged: its SHA-256 is not the one in the image's description")
    }
    #expect(try Files.list(bench.scratch.directory).filter { $0.hasPrefix("card") }.isEmpty)
  }
}

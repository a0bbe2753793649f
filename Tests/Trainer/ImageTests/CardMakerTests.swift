import CatalogueFixture
import Encoding
import Foundation
import Kit
import Posix
import Store
import TestSupport
import Testing

@testable import Image

@Suite("A card")
struct CardMakerTests {
  private let bench: ImageBench

  init() throws { bench = try ImageBench() }

  private func bytes(_ name: String, _ region: SmallBaseImage.Region) throws -> [UInt8] {
    let file = try FileDescriptor(opening: bench.file(name), O_RDONLY)
    return try #require(try file.read(region.size, at: region.start))
  }

  @Test("holds board, kit, keys and serial for the daemon, as root's, and the store plays the kit")
  func contents() throws {
    let plan = try bench.plan(try bench.board(pcm: "hw:CARD=MAX98357A"), try bench.kit()) { $0.serial = "bus-07" }
    let card = try bench.card("card.img", plan)
    let root = bench.file("out")
    try Files.makeDirectory(root)
    _ = try bench.debugfs("rdump /etc /store \(root)", "card.img")
    let record = try CardRecord(json: try Files.read(root + "/etc/card.json"))
    #expect(record == card.record && record.kit == "sample" && record.keys.map(\.id) == record.signers)
    let board = try Files.read(root + "/etc/board.json")
    #expect(record.boardHash == Digest.sha256(board))
    #expect(try Files.read(root + "/etc/serial") == Array("bus-07\n".utf8))
    #expect(!Files.exists(root + "/etc/daemon.env"))
    let choice = try Store(root + "/store").snapshot().choose(acceptsDrafts: false)
    #expect(choice.kit.sha256 == plan.kit.sha256 && choice.passedOver.isEmpty)
    #expect(try choice.kit.verifyAll(trustedBy: TrustedKeys([bench.publisher.publicKey])).faults == [])
    for path in ["/etc/board.json", "/store/store.json"] {
      let status = try bench.debugfs("stat \(path)", "card.img")
      #expect(
        status.contains("Type: regular    Mode:  0644") && status.contains("User:     0   Group:     0"), "\(path)")
      #expect(status.contains("mtime: 0x684ee180"), "\(status)")
    }
    #expect(try bench.debugfs("stat /store/kits", "card.img").contains("Type: directory    Mode:  0755"))
    let config = String(decoding: try bytes("card.img", SmallBaseImage.config), as: UTF8.self)
    #expect(
      config.hasPrefix("dtoverlay=firstword-max98357a\n####") && config.hasSuffix("#\n") && config.utf8.count == 4096)
  }

  @Test("is the same twice, has the base's systems, says what is in it, and is no base image any more")
  func bytes() throws {
    let base = try Files.read(bench.base.path)
    let plan = try bench.plan(try bench.board(), try bench.kit())
    let first = try bench.card("first.img", plan)
    let second = try bench.card("second card's \"copy\"?.img", plan)
    #expect(first.sha256 == second.sha256 && first.size == base.count)
    let written = try Files.read(first.path)
    #expect(first.sha256 == Digest.sha256(written))
    for region in [SmallBaseImage.system, SmallBaseImage.next, SmallBaseImage.boot] {
      #expect(try bytes("first.img", region) == Array(base[region.start..<region.start + region.size]))
    }
    #expect(try Files.read(bench.base.path) == base)
    let text = Array(try bytes("first.img", SmallBaseImage.description).prefix { $0 != 0 })
    let description = try BaseDescription(json: text, size: first.size)
    #expect(description.card == BaseDescription.Card(serial: nil, board: "bus", kit: "sample 1.0"))
    #expect(String(decoding: text, as: UTF8.self).contains("\"slot\":{\"blocks\":1}"))
    let data = try #require(description.partition(.data))
    let content = try bytes("first.img", SmallBaseImage.Region(start: data.start, size: data.size))
    #expect(data.sha256 == Digest.sha256(content))
    #expect {
      _ = try BaseImage(first.path)
    } throws: { error in "\(error)".contains("it is a finished card, with the kit sample 1.0") }
    let names = try Files.list(bench.scratch.directory)
    #expect(names.filter { $0.hasSuffix(".part") || $0.hasPrefix("firstword-image") }.isEmpty)
  }

  @Test("a DRAFT on a board for trials is played, because the daemon gets the option for it")
  func draft() throws {
    let plan = try bench.plan(try bench.board(use: "trial"), try bench.kit(draft: true)) { $0.allowsDraft = true }
    _ = try bench.card("card.img", plan)
    #expect(try bench.debugfs("cat /etc/daemon.env", "card.img").contains("FIRSTWORDD_OPTIONS=--allow-draft\n"))
  }

  @Test("replaces the board that a base image has already")
  func board() throws {
    let other = try ImageBench(board: "{}")
    let card = try other.card("card.img", try other.plan(try other.board(), try other.kit()))
    let board = try other.debugfs("cat /etc/board.json", "card.img")
    #expect(board.contains("\"name\" : \"bus\"") && card.record.board == "bus")
  }

  @Test("replaces an older file when it is whole, and never its own base")
  func replacement() throws {
    let plan = try bench.plan(try bench.board(), try bench.kit())
    try bench.scratch.write("card.img", "old")
    try bench.scratch.write("card.img.part", "of an interrupted run")
    let card = try bench.card("card.img", plan)
    #expect(try Files.read(card.path).count == card.size)
    #expect(symlink(bench.base.path, bench.file("link.img")) == 0)
    for name in ["base.img", "link.img"] {
      #expect {
        _ = try bench.card(name, plan)
      } throws: { error in "\(error)".contains("the card would replace its own base image") }
    }
  }

  @Test("is not begun if its partition has no room for kit and journal, and nothing is left")
  func full() throws {
    let small = try ImageBench(megabytes: 16)
    let plan = try small.plan(try small.board(), try small.kit())
    #expect {
      _ = try small.card("card.img", plan)
    } throws: { error in
      "\(error)".contains("MB with room for the journal, and the data partition has")
    }
    #expect(!Files.exists(small.file("card.img")) && !Files.exists(small.file("card.img.part")))
  }

  @Test("can be given up at any step: an older file stays, and nothing else is left")
  func cancelled() throws {
    let plan = try bench.plan(try bench.board(), try bench.kit())
    try bench.scratch.write("card.img", "old")
    for stop in [1, 30, 60, 90] {
      var (asked, last) = (0, 0)
      #expect(throws: ImageError.cancelled) {
        _ = try CardMaker(try bench.image(), plan).make(
          bench.file("card.img"), progress: { done, _ in last = done },
          isCancelled: {
            asked += 1
            return last >= stop || asked > 10_000
          })
      }
      #expect(try Files.read(bench.file("card.img")) == Array("old".utf8))
      #expect(!Files.exists(bench.file("card.img.part")))
    }
  }

  @Test("a clip that cannot be decoded is found before the image is written")
  func deaf() throws {
    let path = try bench.kit()
    let plan = try bench.plan(try bench.board(), path)
    var bytes = try Files.read(path)
    let place = try #require(bytes.firstRange(of: Array("OpusHead".utf8)))
    bytes[place.lowerBound + 200] ^= 1
    try Files.replace(path, with: bytes)
    #expect {
      _ = try bench.card("card.img", plan)
    } throws: { error in "\(error)".contains("sample.kit") }
    #expect(!Files.exists(bench.file("card.img")))
  }

  @Test("its sheet has the hashes, the ways to write it and each button, and shows names as they are written")
  func sheet() throws {
    let plan = try bench.plan(try bench.board(), try bench.kit()) { $0.serial = "bus-07" }
    let card = try bench.card("<b>&.img", plan)
    let sheet = try #require(CardSheet(card, plan, catalogue: try Repository.catalogue()))
    let document = sheet.page.document
    for text in [
      card.sha256, plan.kit.sha256, "Raspberry Pi Imager", "balenaEtcher", "sudo dd if=", "bus-07", "Romanian",
    ] {
      #expect(document.contains(text), "\(text)")
    }
    #expect(document.contains("&lt;b&gt;&amp;.img") && !document.contains("<b>&.img"))
    #expect(document.components(separatedBy: "<td class=\"box\">").count == 7)
    #expect(sheet.page.document == document)
  }
}

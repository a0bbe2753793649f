import Encoding
import Foundation
import Kit
import Posix
import TestSupport
import Testing

@testable import Slots

/// The two systems of a card: what the running system writes and the initramfs reads, and the other way round.
@Suite("The slots of a card")
struct SlotDiskTests {
  private let card: CardImage

  init() throws {
    card = try CardImage()
    try card.fill(.a, "1.0")
  }

  /// The words of a state as the initramfs prints them.
  private func words(_ state: SlotState) -> String {
    let tries = if case .left(let count) = state.tries { "\(count)" } else { "good" }
    return "\(state.sequence) \(state.slot.rawValue) \(tries) \(state.boots)"
  }

  @Test("a state that either side writes, the other one reads; without one it is slot a, good")
  func bothSides() throws {
    #expect(try card.shell("show").words == "0 a good 0")
    #expect(try card.disk().state() == SlotState())
    let states = [
      SlotState(sequence: 1, slot: .b, tries: .left(3), boots: 0),
      SlotState(sequence: 2, slot: .a, tries: .good, boots: 999),
      SlotState(sequence: 3, slot: .b, tries: .left(0), boots: 4),
    ]
    for (index, state) in states.enumerated() {
      try card.write(state.sector, at: SlotState.offsets[index % 2])
      #expect(try card.shell("show").words == words(state))
      #expect(try card.disk().state() == state)
    }
    try card.fill(.b, "2.0")
    for arguments in [["try", "b", "2"], ["good", "b"], ["good", "a"], ["choose"]] {
      #expect(try card.shell(arguments).status == 0)
      let state = try card.disk().state()
      #expect(try card.shell("show").words == words(state))
      #expect(state.slot.rawValue == (arguments.count > 1 ? arguments[1] : "a"))
    }
  }

  @Test("of damaged sectors both sides read the same state, and never a wrong one")
  func damagedSectors() throws {
    let old = SlotState(sequence: 7, slot: .a, tries: .good, boots: 1)
    let new = SlotState(sequence: 8, slot: .b, tries: .left(3), boots: 0)
    try card.write(old.sector, at: SlotState.offsets[0])
    var generator = SystemRandomNumberGenerator()
    for round in 0..<24 {
      var sector = new.sector
      switch round % 4 {
      case 0: sector[Int.random(in: 0..<26, using: &generator)] ^= UInt8.random(in: 1...255, using: &generator)
      case 1: sector = [UInt8](repeating: 0xFF, count: 512)
      case 2: sector = Array(sector[..<13]) + [UInt8](repeating: 0, count: 499)
      default:
        sector = Array("9 c good 0 \(Digest.sha256("9 c good 0\n").prefix(16))\n".utf8)
        sector += [UInt8](repeating: 0, count: 512 - sector.count)
      }
      try card.write(sector, at: SlotState.offsets[1])
      let state = try card.disk().state()
      #expect(state == old || state == new, "round \(round)")
      #expect(try card.shell("show").words == words(state), "round \(round): \(sector.prefix(40))")
    }
  }

  @Test("a trailer that either side can read names version, blocks, hash and salt; a damaged one is none")
  func trailers() throws {
    let trailer = CardImage.trailer("1.0")
    #expect(try card.disk().trailer(.a) == trailer)
    #expect(try card.shell("trailer", "a").words == "1.0 300 \(trailer.rootHash) \(trailer.salt)")
    #expect(try card.disk().trailer(.b) == nil)
    #expect(try card.shell("trailer", "b").status == 1)
    #expect(trailer.allBlocks == 300 + 1 + 3 + 1)
    try card.write([0x33], at: CardImage.slots[.a]!.upperBound - SlotTrailer.size + 20)
    #expect(try card.disk().trailer(.a) == nil)
    #expect(try card.shell("trailer", "a").status == 1)
  }

  @Test("of systems that were built between releases the newer one is taken, and the older one refused")
  func betweenReleases() throws {
    let running = "1.0~git20261130141031.10ae143f"
    try card.fill(.a, running)
    #expect(try card.disk().trailer(.a)?.version == running)
    #expect(try card.shell("trailer", "a").words.hasPrefix("\(running) "))
    let disk = try card.disk(writing: true)
    func install(_ version: String) throws -> SlotDisk.Outcome {
      let update = try SystemFile(path: try card.update(version))
      return try disk.install(update, trustedBy: card.trusted, running: .a, kernel: "6.12")
    }
    for older in ["1.0~git20261129235959.ffffffff", "0.9"] {
      #expect {
        _ = try install(older)
      } throws: { error in
        "\(error)".contains("system \(older) is older than \(running)")
      }
    }
    for newer in ["1.0~git20261130141131.00000001", "1.0"] { #expect(try install(newer) == .written(.b)) }
  }

  @Test("an update is written to the slot that does not run, starts on trial, and is good once its daemon is ready")
  func update() throws {
    let update = try SystemFile(path: try card.update("2.0"))
    let before = try card.read(4 << 20, at: CardImage.slots[.a]!.lowerBound)
    var pauses = 0
    let disk = try card.disk(writing: true)
    #expect(
      try disk.install(update, trustedBy: card.trusted, running: .a, kernel: "6.12", pause: { pauses += 1 })
        == .written(.b))
    #expect(pauses == 2, "before each part of 1 MiB")
    #expect(try card.whole(.b) == "2.0")
    #expect(try card.read(4 << 20, at: CardImage.slots[.a]!.lowerBound) == before)
    #expect(try disk.install(update, trustedBy: card.trusted, running: .a, kernel: "6.12") == .present)
    // The running system's daemon may restart before the device does.
    #expect(try disk.markGood(.a) == false)
    #expect(try card.shell("choose").words.hasSuffix(" b 2 1"))
    #expect(try disk.markGood(.b))
    #expect(try disk.markGood(.b) == false, "nothing is written for nothing")
    for boots in 1...5 { #expect(try card.shell("choose").words.hasSuffix(" b good \(boots)")) }
    #expect(try disk.install(update, trustedBy: card.trusted, running: .b, kernel: "6.12") == .present)
  }

  @Test("a system whose daemon does not come up is given up after three starts, and stays given up")
  func givenUp() throws {
    let update = try SystemFile(path: try card.update("2.0"))
    _ = try card.disk(writing: true).install(update, trustedBy: card.trusted, running: .a, kernel: "6.12")
    for tries in [2, 1, 0] { #expect(try card.shell("choose").words.hasSuffix(" b \(tries) \(3 - tries)")) }
    for boots in 1...3 { #expect(try card.shell("choose").words.hasSuffix(" a good \(boots)")) }
    // It may come again, and then replaces what was given up.
    #expect(
      try card.disk(writing: true).install(update, trustedBy: card.trusted, running: .a, kernel: "6.12") == .written(.b)
    )
  }

  @Test("a slot without a sound trailer gives way to the other one, whatever the state says")
  func noTrailer() throws {
    try card.fill(.b, "2.0")
    _ = try card.shell("good", "b")
    try card.write([UInt8](repeating: 0, count: 4096), at: CardImage.slots[.b]!.upperBound - 4096)
    #expect(try card.shell("choose").words.hasSuffix(" a good 1"))
  }

  /// Starts the card as the initramfs does, with a check of the test's own in the place of dm-verity: `quick` reads the
  /// first block of a slot, `full` all of them.
  ///
  /// - Returns: the slot that starts, and which slots were tried how.
  private func start() throws -> String {
    let script = """
      . "$1"
      slot_start() {
        case $1 in a) at=25600 ;; b) at=74752 ;; esac
        slots_trailer "$card" "$1" || return 1
        [ $2 = quick ] && count=1 || count=305
        printf '%s-%s ' $1 $2
        [ "$(dd if="$card" bs=4096 skip=$at count=$count 2>/dev/null | sha256sum)" = "$(cat "$sums/$version-$2")" ]
      }
      card=$2 sums=$3
      slots_boot "$card" && echo "starts $slot" || echo "starts none"
      """
    for version in ["1.0", "2.0"] {
      let content = CardImage.content(version)
      for (depth, bytes) in [("quick", Array(content[..<4096])), ("full", content)] {
        try Files.replace(
          "\(card.directory)/\(version)-\(depth)", with: Array("\(Digest.sha256(bytes))  -\n".utf8))
      }
    }
    let outcome = try ChildProcess.run(
      "sh", ["-c", script, "sh", SourceTree.path + "/Hardware/system/slots", card.path, card.directory], seconds: 60)
    return outcome.output.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  @Test("a destroyed superblock gives way at once; flipped bits after three starts without a ready daemon")
  func damagedSystem() throws {
    let update = try SystemFile(path: try card.update("2.0"))
    let disk = try card.disk(writing: true)
    _ = try disk.install(update, trustedBy: card.trusted, running: .a, kernel: "6.12")
    #expect(try start() == "b-quick starts b")
    try disk.markGood(.b)
    // Deep in the system: it starts, and its daemon does not come up.
    try card.write([0x55], at: CardImage.slots[.b]!.lowerBound + 700_001)
    for _ in 1...3 { #expect(try start() == "b-quick starts b") }
    #expect(try start() == "b-full a-quick starts a")
    #expect(try start() == "a-quick starts a")
    try disk.markGood(.a)
    // The other one is whole again; this one loses its superblock.
    #expect(
      try card.disk(writing: true).install(update, trustedBy: card.trusted, running: .a, kernel: "6.12") == .written(.b)
    )
    try disk.markGood(.b)
    _ = try card.shell("good", "a")
    try card.write([UInt8](repeating: 0, count: 64), at: CardImage.slots[.a]!.lowerBound + 1024)
    #expect(try start() == "a-quick b-quick starts b")
    // Both are damaged: what is damaged may not matter for speaking.
    try card.write([0], at: CardImage.slots[.b]!.lowerBound + 5)
    #expect(try start() == "b-quick a-quick b-quick starts none")
  }

  @Test("a whole slot is not left, however often its daemon is not ready")
  func wholeStays() throws {
    try card.fill(.b, "2.0")
    for boot in 1...6 { #expect(try start() == (boot <= 3 ? "a-quick starts a" : "a-full starts a")) }
  }

  @Test("the power may fail at every write of an update: a whole system starts, and the update can be written again")
  func cuts() throws {
    let update = try SystemFile(path: try card.update("2.0"))
    // A slot that was written before: the state names it, and its content is another.
    try card.fill(.b, "0.9")
    _ = try card.shell("try", "b", "3")
    let start = try card.read(1 << 20, at: SlotState.offsets[0])
    var (cut, isOver, finished) = (0, false, 0)
    while !isOver {
      for lost in 0..<3 {
        try card.fill(.b, "0.9")
        try card.write(start, at: SlotState.offsets[0])
        let medium = CutMedium(card, cutAfter: cut, losing: lost)
        let disk = try SlotDisk(medium, path: card.path, chunk: 256 << 10)
        do {
          _ = try disk.install(update, trustedBy: card.trusted, running: .a, kernel: "6.12")
          isOver = true
        } catch { #expect(!error.isRefusal) }
        // What the initramfs chooses.
        let words = try card.shell("choose").words.split(separator: " ")
        let slot = try #require(Slot(rawValue: String(words[1])))
        let version = try card.whole(slot)
        #expect(version != nil, "cut \(cut), losing \(lost): slot \(slot) is not whole")
        if version == "2.0" { finished += 1 }
        #expect(try card.whole(.a) == "1.0", "the running system is never written to")
        let named = try card.disk().trailer(.b)?.version
        #expect(try named == card.whole(.b), "cut \(cut), losing \(lost): slot b names a system that is not whole")
        // After the cut the running system writes it again.
        if slot == .a {
          let again = try card.disk(writing: true).install(update, trustedBy: card.trusted, running: .a, kernel: "6.12")
          #expect(again == .written(.b))
          #expect(try card.whole(.b) == "2.0")
        }
      }
      cut += 1
    }
    #expect(cut > 7, "\(cut) writes")
    #expect(finished >= 3)
  }

  @Test("a worn card that does not keep what is written is reported, and the running system stays")
  func worn() throws {
    let update = try SystemFile(path: try card.update("2.0"))
    let place = try #require(CardImage.slots[.b])
    for lost in [place.lowerBound + 5000, place.upperBound - SlotTrailer.size, SlotState.offsets[0]] {
      let disk = try SlotDisk(WornMedium(card, losing: lost), path: card.path)
      let slot: Slot = .b
      #expect(throws: SystemUpdateError.unwritten(path: card.path, slot)) {
        try disk.install(update, trustedBy: card.trusted, running: .a, kernel: "6.12")
      }
      #expect(try card.disk().state().slot == .a)
      let chosen = try card.shell("choose").words.split(separator: " ")
      #expect(chosen.count > 1 && chosen[1] == "a")
      for offset in SlotState.offsets { try card.write([UInt8](repeating: 0, count: 512), at: offset) }
    }
  }

  @Test("other keys, damaged, cut, older and too large updates are refused, and the card stays as it was")
  func refusals() throws {
    _ = try SecretKey.generate(name: card.directory + "/stranger", passphrase: nil)
    let stranger = try SecretKey(reading: card.directory + "/stranger.key") { _ in nil }
    let disk = try card.disk(writing: true)
    func outcome(_ path: String) throws -> SystemUpdateError? {
      do throws(SystemUpdateError) {
        _ = try disk.install(SystemFile(path: path), trustedBy: card.trusted, running: .a, kernel: "6.12")
        return nil
      } catch { return error }
    }
    func changed(_ name: String, _ change: (inout [UInt8]) -> Void) throws -> String {
      var bytes = try Files.read(try card.update("2.0"))
      change(&bytes)
      try Files.replace(card.directory + "/" + name, with: bytes)
      return card.directory + "/" + name
    }
    let foreign = try #require(try outcome(try card.update("3.0", by: stranger)))
    guard case .untrusted = foreign else { throw foreign }
    let older = try #require(try outcome(try card.update("0.5")))
    guard case .downgrade = older else { throw older }
    let update = try SystemFile(path: try card.update("2.0"))
    #expect(throws: SystemUpdateError.kernel(path: update.path, needed: "6.12", running: "6.13")) {
      try disk.install(update, trustedBy: card.trusted, running: .a, kernel: "6.13")
    }
    let files = [
      try changed("version") { $0[100] ^= 1 }, try changed("short") { $0.removeLast() },
      try changed("long") { $0.append(0) }, try changed("empty") { $0 = [] },
      try changed("header") { $0.removeLast($0.count - 70_000) }, try changed("padding") { $0[60_000] = 1 },
      try changed("format") { $0.replaceSubrange(0..<18, with: Array("firstword-system/2".utf8)) },
      try changed("kit") { $0 = Array("PK".utf8) + $0 },
    ]
    for path in files {
      let error = try #require(try outcome(path), "\(path)")
      #expect(error.isRefusal, "\(path): \(error)")
    }
    #expect(try disk.state() == SlotState())
    #expect(try card.disk().trailer(.b) == nil)
    // The signature covers the hash of the image: a flipped bit is found while it is copied.
    let flipped = try #require(try outcome(try changed("bit") { $0[400_000] ^= 1 }))
    #expect(flipped.isRefusal, "\(flipped)")
    #expect(try disk.state() == SlotState())
    #expect(try card.shell("choose").words.hasSuffix(" a good 1"))
    #expect(try card.whole(.a) == "1.0")
  }

  @Test("a card without the partitions of a device has no slots")
  func noSlots() throws {
    for (offset, byte) in [(510, UInt8(0)), (446 + 16 + 4, 0x0C), (446 + 32 + 15, 0x7F)] {
      var table = CardImage.table
      table[offset] = byte
      try card.write(table, at: 0)
      #expect { _ = try card.disk() } throws: { error in "\(error)".contains("firstword image") }
    }
    try Files.replace(card.directory + "/empty", with: [])
    #expect(throws: SystemUpdateError.self) { _ = try SlotDisk(card.directory + "/empty") }
  }
}

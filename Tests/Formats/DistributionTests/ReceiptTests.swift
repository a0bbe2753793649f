import Encoding
import Foundation
import Glibc
import Kit
import Posix
import TestSupport
import Testing

@testable import Distribution

@Suite("Receipts")
struct ReceiptTests {
  private final class Bench {
    let directory: Path
    init() throws { directory = try Files.makeTemporaryDirectory("firstword-receipts") }
    deinit { try? FileManager.default.removeItem(atPath: directory.string) }
    func file(_ name: String) -> String { directory.appending(name).string }
  }

  private func kit(_ version: String) -> Receipt.Kit {
    Receipt.Kit(name: "shelter", version: version, sha256: Digest.sha256("kit \(version)"))
  }

  @Test("a device makes its key at its first start, keeps it, and nobody else may read it")
  func key() throws {
    let bench = try Bench()
    let key = try DeviceKey.open(in: bench.directory)
    #expect(try DeviceKey.open(in: bench.directory).publicKey == key.publicKey)
    #expect(try PublicKey(reading: bench.file("device.pub")) == key.publicKey)
    var status = stat()
    #expect(stat(bench.file("device.key"), &status) == 0 && status.st_mode & 0o777 == 0o600)
    try Files.replace(bench.file("device.key"), with: Array("x".utf8), mode: 0o600)
    #expect(throws: KeyError.self) { _ = try DeviceKey.open(in: bench.directory) }
    #expect(try Files.read(bench.file("device.key")) == Array("x".utf8))
  }

  @Test("are counted by device: the newest counts")
  func count() throws {
    let bench = try Bench()
    let sticks = ["a", "b"].map { bench.file($0) }
    for stick in sticks { try Files.makeDirectory(stick) }
    let devices = try (0..<3).map { _ in try SecretKey.generate() }
    for device in devices {
      try Receipt.write(to: sticks[0], signedBy: device, after: 0, kit: kit("1.0"), channel: 4)
    }
    // The second stick saw one of them later, and the first stick sees it again before that.
    #expect(try Receipt.write(to: sticks[1], signedBy: devices[0], after: 1, kit: kit("1.1"), channel: 5) == 2)
    #expect(try Receipt.write(to: sticks[0], signedBy: devices[1], after: 0, kit: nil, channel: nil) == 2)
    var count = ReceiptCount()
    for stick in sticks.reversed() { try count.add(folder: stick) }
    #expect(count.devices.count == 3 && count.faultCount == 0)
    #expect(count.kits.map(\.devices) == [1, 1, 1])
    #expect(count.channels.map(\.channel) == [5, 4, nil])
    #expect(count.lacking([kit("1.1").sha256]).count == 2)
    #expect(count.lacking([kit("1.1").sha256, kit("1.0").sha256]) == [devices[1].publicKey.id])
  }

  @Test("of a whole stick are found, also in its directory 'receipts', and not elsewhere")
  func stick() throws {
    let bench = try Bench()
    let devices = try (0..<3).map { _ in try SecretKey.generate() }
    for (name, device) in zip(["", "receipts", "channel"], devices) {
      let folder = bench.directory.appending("stick").appending(name)
      try Files.makeDirectory(folder)
      try Receipt.write(to: folder, signedBy: device, after: 0, kit: kit("1.0"), channel: 4)
    }
    var count = ReceiptCount()
    try count.add(folder: bench.file("stick"))
    #expect(count.devices.count == 2 && count.faultCount == 0)
    // A link leads nowhere.
    try Files.makeDirectory(bench.file("other"))
    #expect(symlink(bench.file("stick"), bench.file("other/receipts")) == 0)
    var other = ReceiptCount()
    try other.add(folder: bench.file("other"))
    #expect(other.devices.isEmpty && other.faultCount == 0)
  }

  @Test("that never came are found by a list of all devices")
  func unheard() throws {
    let devices = try (0..<2).map { _ in try SecretKey.generate() }
    var count = ReceiptCount()
    let receipt = Receipt(device: devices[0].publicKey, number: 1, kit: nil, channel: nil)
    count.add(file: try receipt.file(signedBy: devices[0]), named: "a")
    count.add(file: try receipt.file(signedBy: devices[1]), named: "b")
    #expect(count.devices.count == 1 && count.faults.map(\.path) == ["b"])
    let list = devices.map { " \($0.publicKey.id) # a house\r\n" }.joined() + "\n# all\n"
    #expect(try count.unheard(in: list) == [devices[1].publicKey.id])
    #expect(throws: DocumentError("5", "'x' is no id of a device's key")) { try count.unheard(in: list + "x") }
  }

  @Test("name no person: a device, a kit, versions, and nothing else")
  func content() throws {
    let key = try SecretKey.generate()
    let receipt = Receipt(
      device: key.publicKey, number: 3, kit: kit("1.0"), channel: 4, recalls: ["80F075E4DF3E122B": 2])
    let object = try JSONSerialization.jsonObject(with: Data(try Documents.encode(receipt))) as? [String: Any]
    #expect(Set(try #require(object).keys) == ["format", "device", "number", "kit", "channel", "recalls"])
    let file = try receipt.file(signedBy: key)
    #expect(try Receipt(file: file) == receipt)
  }

  @Test("that are forged, changed, huge, links or no receipts are set aside, and the others count")
  func hostile() throws {
    let bench = try Bench()
    let device = try SecretKey.generate()
    try Receipt.write(to: bench.directory, signedBy: device, after: 0, kit: kit("1.0"), channel: 4)
    let name = Receipt.fileName(of: device.publicKey)
    let good = String(decoding: try Files.read(bench.file(name)), as: UTF8.self)
    try Files.replace(bench.file("changed.receipt.json"), with: Array(good.replacing("1.0", with: "9.9").utf8))
    // Another device's name under one's own signature.
    let forged = Receipt(device: device.publicKey, number: 9, kit: kit("9.9"), channel: 9)
    try Files.replace(bench.file("forged.receipt.json"), with: try forged.file(signedBy: try SecretKey.generate()))
    try Files.replace(bench.file("huge.receipt.json"), with: [UInt8](repeating: 0x20, count: Receipt.limit + 1))
    try Files.replace(bench.file("noise.receipt.json"), with: [0xff, 0, 0x7b])
    symlink("/etc/passwd", bench.file("link.receipt.json"))
    mkfifo(bench.file("fifo.receipt.json"), 0o644)
    try Files.makeDirectory(bench.file("directory.receipt.json"))
    var count = ReceiptCount()
    try count.add(folder: bench.directory)
    #expect(count.devices.values.map(\.kit) == [kit("1.0")])
    #expect(count.faultCount == 7)
    #expect(count.faults.allSatisfy { !$0.why.isEmpty })
  }

  @Test("of any bytes throw an error or are valid, and never trap")
  func noise() throws {
    let device = try SecretKey.generate()
    let good = try Receipt(device: device.publicKey, number: 1, kit: kit("1.0"), channel: 4).file(signedBy: device)
    var random = SeededGenerator(seed: 4)
    for _ in 0..<300 {
      var bytes = good
      for _ in 0..<3 {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      if let receipt = try? Receipt(file: bytes) { #expect(receipt.device == device.publicKey.base64) }
    }
  }
}

import Channel
import Encoding
import Foundation
import Glibc
import Kit
import Posix
import TestSupport
import Testing

@testable import Image

@Suite("A card that follows a channel")
struct CardChannelTests {
  private let bench: ImageBench
  private let root: String

  init() throws {
    bench = try ImageBench { $0.replacing("\"login\":false", with: "\"login\":false,\"network\":true") }
    root = bench.file("1.root.json")
    try Files.replace(root, with: try Self.root(signs: true))
    try Files.replace(
      bench.file("wifi.conf"), with: Array("network={\n  ssid=\"shelter\"\n  psk=\"a long secret\"\n}\n".utf8))
  }

  /// The root of a channel with one key for everything.
  private static func root(signs: Bool) throws -> [UInt8] {
    let key = try SecretKey.generate()
    let own = ChannelKey(ed25519: key.publicKey.point)
    let role = RoleKeys(keyIDs: [own.id], threshold: 1)
    let roles = Dictionary(uniqueKeysWithValues: RootRole.roleNames.map { ($0, role) })
    let document = RootRole(
      version: 1, expires: WallTime("2027-01-01T00:00:00.000Z")!, keys: [own.id: own], roles: roles)
    var metadata = SignedMetadata(document)
    if signs { metadata.add(signature: key.rawSignature(of: metadata.canonical), by: own.id) }
    return metadata.file
  }

  private let mirrors = ["https://kits.example.org/channel", "http://10.0.0.2:8080/c"]

  @Test("has its mirrors, its first root and its networks, whose passwords are for root alone")
  func contents() throws {
    let followed = try CardSettings.Channel(mirrors: mirrors, root: root, wifi: bench.file("wifi.conf"))
    let plan = try bench.plan(try bench.board(), try bench.kit()) { $0.channel = followed }
    let card = try bench.card("card.img", plan)
    #expect(card.record.channel == mirrors)
    let out = bench.file("out")
    try Files.makeDirectory(out)
    _ = try bench.debugfs("rdump /etc \(out)", "card.img")
    #expect(try Files.read(out + "/etc/root.json") == Files.read(root))
    #expect(try Files.read(out + "/etc/wifi.conf") == Files.read(bench.file("wifi.conf")))
    let json = try JSONSerialization.jsonObject(with: Data(try Files.read(out + "/etc/channel.json")))
    let document = try #require(json as? [String: Any])
    #expect(document["format"] as? String == "firstword-channel/1" && document["mirrors"] as? [String] == mirrors)
    #expect(try bench.debugfs("stat /etc/wifi.conf", "card.img").contains("Mode:  0600"))
    #expect(try bench.debugfs("stat /etc/root.json", "card.img").contains("Mode:  0644"))
    // The image has passwords, so it is for its owner alone, and the sheet says what to do with it.
    var status = stat()
    #expect(stat(bench.file("card.img"), &status) == 0 && status.st_mode & 0o777 == 0o600)
    #expect(plan.warnings.contains { $0.message.contains("the passwords of the Wi-Fi") })
    let plain = try bench.card("plain.img", try bench.plan(try bench.board(), try bench.kit()))
    #expect(try plain.record.channel == nil && !bench.debugfs("ls /etc", "plain.img").contains("channel.json"))
  }

  @Test("is refused on a base image without a network, with another address, a root that signs nothing, or no network")
  func refusals() throws {
    func refusals(
      _ bench: ImageBench, _ mirror: String = "https://kits.example.org/c", root: String, wifi: String? = nil
    ) throws -> [String] {
      let followed = try CardSettings.Channel(mirrors: mirror.isEmpty ? [] : [mirror], root: root, wifi: wifi)
      return try bench.refusals(try bench.board(), try bench.kit()) { $0.channel = followed }
    }
    #expect(try refusals(bench, root: root).isEmpty)
    let poor = try ImageBench()
    let missing = try refusals(poor, root: root)
    #expect(missing.count == 1 && missing[0].contains("it has no network"), "\(missing)")
    #expect(try refusals(bench, "", root: root).contains { $0.contains("there is no mirror") })
    #expect(try refusals(bench, "/media/stick", root: root).contains { $0.contains("no URL of http or https") })
    try Files.replace(bench.file("unsigned.json"), with: try Self.root(signs: false))
    #expect(try refusals(bench, root: bench.file("unsigned.json")).contains { $0.contains("too few of its own keys") })
    try Files.replace(bench.file("other.json"), with: Array("{}".utf8))
    #expect(try refusals(bench, root: bench.file("other.json")).contains { $0.contains("no root of a channel") })
    #expect(
      try refusals(bench, root: root, wifi: bench.file("other.json")).contains { $0.contains("names no network") })
  }
}

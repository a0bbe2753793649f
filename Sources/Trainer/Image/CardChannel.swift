import Channel
import Diagnostics
import Encoding
import Glibc
import Posix

/// The channel that a card's device follows: what `firstword-sync` and the network of the base image read.
struct CardChannel: Sendable {
  /// The mirrors, the trusted root, and the networks.
  private let settings: CardSettings.Channel
  /// What forbids the card.
  private(set) var refusals: [Diagnostic] = []

  /// The maximum number of mirrors.
  private static let mirrorLimit = 16

  /// Checks a channel.
  ///
  /// - Parameter base: the description of the base image, which must have a network.
  init(_ settings: CardSettings.Channel, base: BaseDescription) {
    self.settings = settings
    if base.network != true {
      refuse(
        "the base image", "it has no network, and no firstword-sync", "build one with 'Hardware/image --network'")
    }
    if settings.mirrors.isEmpty {
      refuse("--channel", "there is no mirror", "give the address of the channel's directory")
    }
    if settings.mirrors.count > Self.mirrorLimit {
      refuse("--channel", "there are more than \(Self.mirrorLimit) mirrors", "name fewer")
    }
    for mirror in settings.mirrors {
      let isURL = mirror.hasPrefix("https://") || mirror.hasPrefix("http://")
      if !isURL || mirror.utf8.contains(where: { $0 <= 0x20 || $0 >= 0x7F || $0 == 0x22 }) {
        refuse("--channel", "'\(mirror)' is no URL of http or https", "give the address of the channel's directory")
      }
    }
    checkRoot()
    if let wifi = settings.wifi {
      let text = String(validating: wifi.bytes, as: UTF8.self)
      if text?.contains("network={") != true || text?.contains("ssid=") != true || wifi.bytes.contains(0) {
        refuse(wifi.name, "it names no network", "write it as wpa_supplicant.conf: network={ ssid=\"…\" psk=\"…\" }")
      }
    }
  }

  /// Whether the card gets passwords of networks.
  var hasPasswords: Bool { settings.wifi != nil }

  /// What the people who make the card must know.
  var warnings: [Diagnostic] {
    guard hasPasswords else { return [] }
    return [
      Diagnostic(
        .warning, path: "--wifi", message: "the image and the card have the passwords of the Wi-Fi for anybody to read",
        remedy: "delete the image when the card is written, and change the passwords when a device is lost")
    ]
  }

  private mutating func refuse(_ path: String, _ message: String, _ remedy: String) {
    refusals.append(Diagnostic(path: path, message: message, remedy: remedy))
  }

  /// A root that does not sign itself is of no use to a device.
  private mutating func checkRoot() {
    let remedy = "give the file metadata/N.root.json of the channel"
    do throws(DocumentError) {
      let metadata = try SignedMetadata<RootRole>(parsing: settings.root.bytes)
      guard let keys = metadata.role.roles["root"], metadata.isSigned(by: keys, among: metadata.role.keys) else {
        return refuse(settings.root.name, "too few of its own keys have signed it", remedy)
      }
    } catch { refuse(settings.root.name, "it is no root of a channel: \(error)", remedy) }
  }

  /// The document that `firstword-sync` reads.
  private struct Document: Encodable {
    var format = "firstword-channel/1"
    var mirrors: [String]
  }

  /// The files in `/etc/firstword`, with their permissions. Passwords of networks are for root alone.
  func files() throws(SystemError) -> [(name: String, content: [UInt8], mode: Int)] {
    guard let json = try? Documents.encode(Document(mirrors: settings.mirrors)) else {
      throw SystemError("encode", path: "channel.json", code: EINVAL)
    }
    var files = [
      (name: "channel.json", content: json, mode: 0o644),
      (name: "root.json", content: settings.root.bytes, mode: 0o644),
    ]
    if let wifi = settings.wifi { files.append((name: "wifi.conf", content: wifi.bytes, mode: 0o600)) }
    return files
  }
}

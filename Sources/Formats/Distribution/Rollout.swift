import Channel
import Encoding
import Kit

/// The share of the devices that take a kit. A device decides by itself, from its key.
///
/// The share only grows: a device that 10 percent admit is among 50 percent too. Each kit begins with other devices.
public struct Rollout: Equatable, Sendable {
  /// The share of the devices in percent, 0 to 100.
  public var percent: Int
  /// Whether no further device takes it.
  public var isPaused: Bool

  /// All devices.
  public static let all = Rollout(percent: 100)

  /// Creates a roll-out.
  public init(percent: Int, isPaused: Bool = false) {
    self.percent = min(100, max(0, percent))
    self.isPaused = isPaused
  }

  /// Reads the value in a target's `custom`; nil if it is malformed.
  init?(_ json: JSONValue) {
    guard case .object(let fields) = json, case .integer(let percent)? = fields["percent"], (0...100).contains(percent)
    else { return nil }
    switch fields["paused"] {
    case nil, .bool(false): self.init(percent: percent)
    case .bool(true): self.init(percent: percent, isPaused: true)
    default: return nil
    }
  }

  var json: JSONValue { .object(["percent": .integer(percent), "paused": .bool(isPaused)]) }

  /// Returns whether a device takes a kit.
  ///
  /// - Parameters:
  ///   - device: the public half of the device's key.
  ///   - manifest: the SHA-256 of the kit's `kit.json`.
  public func admits(_ device: PublicKey, to manifest: String) -> Bool {
    !isPaused && Self.place(of: device, in: manifest) < percent
  }

  /// Returns the place of a device among all devices, 0 to 99: equally many have each.
  static func place(of device: PublicKey, in manifest: String) -> Int {
    let hash = Digest.sha256(Array(manifest.utf8) + device.point)
    // 60 bits: the remainder by 100 is even enough.
    return Int((UInt64(hash.prefix(15), radix: 16) ?? 0) % 100)
  }
}

import Diagnostics
import Encoding

/// A network by radio (Wi-Fi) with a passphrase, WPA2-Personal, as wpa_supplicant.conf(5) describes it.
public struct RadioNetwork: Sendable {
  private let name: [UInt8]
  private let passphrase: String
  private let country: String?

  /// Checks a network.
  ///
  /// - Parameters:
  ///   - name: the name that it shows (SSID), 1 to 32 bytes.
  ///   - passphrase: 8 to 63 characters of ASCII, or the key itself in 64 hexadecimal digits.
  ///   - country: the country in which the device is, by two letters: the radio keeps to its frequencies; nil for those
  ///     of all countries.
  /// - Throws: `.refused` with all reasons. None of them has the passphrase in it.
  public init(name: String, passphrase: String, country: String? = nil) throws(ImageError) {
    var refusals: [Diagnostic] = []
    func refuse(_ what: String, _ message: String, _ remedy: String) {
      refusals.append(Diagnostic(path: what, message: message, remedy: remedy))
    }
    if !(1...32).contains(name.utf8.count) {
      refuse("the name of the Wi-Fi", "it has not 1 to 32 bytes", "write it as a phone shows it")
    }
    let isTyped = passphrase.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    if !isTyped || !((8...63).contains(passphrase.utf8.count) || Self.isKey(passphrase)) {
      refuse(
        "the passphrase of the Wi-Fi", "it has not 8 to 63 letters, digits and signs of ASCII",
        "write it as the network's owner gave it")
    }
    let letters = country?.uppercased()
    if let letters, letters.utf8.count != 2 || !letters.utf8.allSatisfy({ (0x41...0x5A).contains($0) }) {
      refuse("the country of the Wi-Fi", "it has not two letters", "write it as RO or DE, or leave it out")
    }
    if !refusals.isEmpty { throw .refused(refusals) }
    (self.name, self.passphrase, self.country) = (Array(name.utf8), passphrase, letters)
  }

  /// Whether a passphrase is the key itself.
  private static func isKey(_ passphrase: String) -> Bool {
    passphrase.utf8.count == 64 && passphrase.utf8.allSatisfy { Character(Unicode.Scalar($0)).isHexDigit }
  }

  /// The file that `firstword image --wifi` takes. A network that hides its name is not asked for: the device would
  /// call that name wherever it is.
  public var file: CardSettings.Channel.Content {
    // A quoted text ends with the last quotation mark of its line, and has no escapes.
    let isPlain = name.allSatisfy { (0x20...0x7E).contains($0) && $0 != 0x22 }
    let ssid = isPlain ? "\"\(String(decoding: name, as: UTF8.self))\"" : Digest.hexadecimal(name)
    let psk = Self.isKey(passphrase) ? passphrase : "\"\(passphrase)\""
    let text = "\(country.map { "country=\($0)\n" } ?? "")network={\n  ssid=\(ssid)\n  psk=\(psk)\n}\n"
    return CardSettings.Channel.Content(name: "wifi.conf", bytes: Array(text.utf8))
  }
}

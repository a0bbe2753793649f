import Distribution
import Kit
import Posix

/// What a device says in its receipt: what its store plays and heeds, and what it knows of its channel.
package struct DeviceReceipt {
  /// The kit that the device plays; nil if it has none.
  package let kit: Receipt.Kit?
  /// The version of the channel's snapshot that was verified; nil for none.
  package let channel: Int?
  /// The issue of each recall list that the store heeds, by the id of the key that signed it.
  package let recalls: [String: Int]

  /// Describes a device.
  ///
  /// - Parameters:
  ///   - store: the store; nil if there is none.
  ///   - channel: the version of the channel's snapshot that was verified.
  package init(of store: Store.Snapshot?, channel: Int?) {
    kit = store?.played.map { Receipt.Kit(name: $0.name, version: $0.version, sha256: $0.sha256) }
    var recalls: [String: Int] = [:]
    for (signer, list) in store?.state.recalls ?? [:] {
      if let key = PublicKey(base64: signer) { recalls[key.id.description] = list.issue }
    }
    self.recalls = recalls
    self.channel = channel
  }

  /// Whether there is nothing to say.
  package var isEmpty: Bool { kit == nil && channel == nil && recalls.isEmpty }

  /// Returns whether a receipt says the same.
  private func isSaid(by receipt: Receipt) -> Bool {
    receipt.kit == kit && receipt.channel == channel && receipt.recalls == recalls
  }

  /// Writes the receipt into a directory, if the one there says something else or is none of the device's.
  ///
  /// - Parameters:
  ///   - directory: an existing directory.
  ///   - last: the number of the device's last receipt anywhere.
  /// - Returns: the number of the receipt that is there then, and whether it is new.
  package func write(
    to directory: Path, signedBy key: SecretKey, after last: Int
  ) throws -> (number: Int, isNew: Bool) {
    let path = directory.appending(Receipt.fileName(of: key.publicKey))
    if let before = (try? Files.read(path, limit: Receipt.limit)).flatMap({ try? Receipt(file: $0) }),
      before.key == key.publicKey, isSaid(by: before)
    {
      return (before.number, false)
    }
    let number = try Receipt.write(
      to: directory, signedBy: key, after: last, kit: kit, channel: channel, recalls: recalls)
    return (number, true)
  }
}

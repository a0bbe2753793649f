import Kit
import Posix

/// An update that was refused, or a card whose slots cannot be used. The description is one line with a remedy.
public enum SystemUpdateError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A system call failed.
  case system(SystemError)
  /// The file is damaged, or no update.
  case form(path: String, String)
  /// A key that is not trusted signed it.
  case untrusted(path: String, KeyID)
  /// The signature is malformed or does not fit.
  case signed(SignedFileError)
  /// The secret key cannot be used.
  case key(KeyError)
  /// The card runs a higher version.
  case downgrade(path: String, version: String, running: String)
  /// The system has the modules of another kernel than the card's.
  case kernel(path: String, needed: String, running: String)
  /// The image is larger than a slot; both sizes in bytes.
  case full(path: String, needed: Int, slot: Int)
  /// The slot holds no system.
  case noSystem(path: String, Slot)
  /// The card does not have the partitions of a device.
  case noSlots(path: String, String)
  /// What was read back from the card is not what was written.
  case unwritten(path: String, Slot)

  /// What happened, where, and what to do.
  public var description: String {
    switch self {
    case .system(let error): error.description
    case .form(let path, let why): "\(path): \(why); get the update again from its publisher"
    case .untrusted(let path, let key):
      "\(path): signed by \(key), which is not a trusted key; compare its id with the publisher's"
    case .signed(let error): error.description
    case .key(let error): error.description
    case .downgrade(let path, let version, let running):
      "\(path): system \(version) is older than \(running), which runs here; get the newest"
    case .kernel(let path, let needed, let running):
      "\(path): it needs the kernel \(needed), and this card has \(running), which no update replaces; flash the card anew"
    case .full(let path, let needed, let slot):
      "\(path): it needs \(needed) bytes, and a slot of this card has \(slot); flash the card anew"
    case .noSystem(let path, let slot): "\(path): slot \(slot.rawValue) holds no system"
    case .noSlots(let path, let why): "\(path): \(why); only a device that was made with 'firstword image' has slots"
    case .unwritten(let path, let slot):
      "\(path): slot \(slot.rawValue) does not return what was written to it; the present system stays; replace the card"
    }
  }

  /// Whether the update was refused on purpose, or is damaged; otherwise an operation failed.
  public var isRefusal: Bool {
    switch self {
    case .system, .signed(.system), .key, .noSlots, .noSystem, .unwritten: false
    default: true
    }
  }
}

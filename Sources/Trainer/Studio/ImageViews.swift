import Diagnostics
import Glibc
import Image
import Posix
import Synchronization

/// What a card can be made of, and the cards that were made.
struct ImageOffer: Encodable {
  var directory: String
  var boards: [String]
  var kits: [KitView]
  /// The ids of the public keys that this program knows.
  var known: [String]
  /// The channels that a device can follow.
  var channels: [ChannelRootView]
  var cards: [CardView]
  /// The image that is being made.
  var job: JobBoard.Job?
  /// The last one of this program.
  var last: MadeCard?
}

/// The first root of a channel.
struct ChannelRootView: Encodable, Sendable {
  var id: String
  /// Its SHA-256.
  var sha256: String
}

/// An image in the directory `cards` of a project.
struct CardView: Encodable {
  var file: String
  var bytes: Int
  var written: WallTime
  var sheet: Bool

  /// Describes an image; nil if the file has gone.
  init?(_ file: String, in shelf: CardShelf) {
    var status = stat()
    guard stat(shelf.directory.appending(file).string, &status) == 0 else { return nil }
    self.file = file
    bytes = Int(status.st_size)
    written = WallTime(milliseconds: Int64(status.st_mtim.tv_sec) * 1000 + Int64(status.st_mtim.tv_nsec) / 1_000_000)
    sheet = Files.exists(shelf.directory.appending(CardShelf.sheet(of: file)))
  }
}

/// A base image that the page named.
struct BaseView: Encodable {
  var path: String
  var version: String
  var bytes: Int
  var boards: [String]
  var login: Bool
  var network: Bool
  var kernel: String?

  /// Describes an image.
  init(_ base: BaseImage) {
    path = base.path
    version = base.description.version
    bytes = base.size
    boards = base.description.boards ?? []
    login = base.description.login == true
    network = base.description.network == true
    kernel = base.description.kernel
  }
}

/// A card that was made since the program started.
struct MadeCard: Encodable, Sendable {
  var file: String
  var path: String
  var sha256: String
  var record: CardRecord
  var warnings: [Diagnostic]
}

/// The last card of each project.
final class ImageDesk: Sendable {
  private let cards = Mutex<[String: MadeCard]>([:])

  /// Keeps a card.
  func keep(_ card: MadeCard, project: String) { cards.withLock { $0[project] = card } }

  /// Returns the last card; nil if there was none.
  func last(project: String) -> MadeCard? { cards.withLock { $0[project] } }
}

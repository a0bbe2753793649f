import Diagnostics
import Encoding
import Image
import Kit
import KitBuilder
import Pages
import Posix
import Web

/// What a card of the page is to hold, as the options of `firstword image`.
private struct CardWish: Decodable, Sendable {
  /// The path of the base image on this machine.
  var base: String
  /// The name of a board.
  var board: String
  /// The file of a kit in `kits`.
  var kit: String
  /// The texts of public keys.
  var keys: [String]?
  /// The ids of keys that this program knows.
  var known: [String]?
  var serial: String?
  var volume: Double?
  /// Whether the device keeps a journal.
  var journal: Bool?
  var allowDraft: Bool?
  /// The channel that the device follows; nil for none.
  var channel: FollowedWish?

  var settings: CardSettings {
    var settings = CardSettings()
    settings.keepsJournal = journal != false
    settings.serial = serial.flatMap { $0.isEmpty ? nil : $0 }
    settings.volume = volume
    settings.allowsDraft = allowDraft == true
    return settings
  }
}

/// A channel that the device of a card follows.
private struct FollowedWish: Decodable, Sendable {
  /// The addresses of its mirrors.
  var mirrors: [String]
  /// The name of a channel beside the projects, whose first root the device trusts.
  var id: String?
  /// The text of the first root of another channel.
  var root: String?
  /// A network by radio; nil for a cable alone.
  var wifi: Wifi?

  struct Wifi: Decodable, Sendable {
    var name: String
    var passphrase: String
    var country: String?
  }
}

extension Studio {
  /// The routes for images of SD cards, as `firstword image` makes them.
  var imageRoutes: [Route] {
    let cards = "/api/1/projects/:project/cards"
    return [
      Route("GET", cards) { request throws(Refusal) in
        let store = try self.store(request)
        let shelf = CardShelf(store.directory)
        return .json(
          ImageOffer(
            directory: shelf.directory.string, boards: BoardShelf(catalogue: self.catalogue).names,
            kits: self.kits.views(of: KitShelf(store.directory)).filter { $0.problem == nil },
            known: self.kits.keys.map(\.id.description), channels: self.roots,
            cards: shelf.names.compactMap { CardView($0, in: shelf) },
            job: self.jobs.running(.image, project: store.id), last: self.images.last(project: store.id)))
      },
      Route("POST", cards + "/base") { request throws(Refusal) in
        struct Wish: Decodable { var base: String }
        _ = try self.store(request)
        return .json(BaseView(try Self.base(try request.decode(Wish.self).base)))
      },
      Route("POST", cards) { request throws(Refusal) in try self.startCard(request) },
      Route("GET", cards + "/:card") { request throws(Refusal) in
        let shelf = CardShelf(try self.store(request).directory)
        let name = request["card"]
        let file = try shelf.open(name)
        let stamp = FileStamp.of(shelf.directory.appending(name).string) ?? ""
        var response = WebResponse.file(
          file, type: "application/octet-stream", tag: Digest.sha256(stamp), cache: "no-store", for: request.head)
        response.headers.append((name: "Content-Disposition", value: "attachment"))
        return response
      },
      Route("GET", cards + "/:card/sheet") { request throws(Refusal) in
        .document(try CardShelf(try self.store(request).directory).sheet(of: request["card"]))
      },
    ]
  }

  private static func base(_ path: String) throws(Refusal) -> BaseImage {
    if !path.hasPrefix("/") {
      throw Refusal(
        422, "refused", "'\(path)' is not a whole path", "write the path from / on, as a file manager shows it")
    }
    do throws(ImageError) { return try BaseImage(path) } catch { throw refusal(error) }
  }

  /// Plans a card, and starts the work.
  private func startCard(_ request: WebRequest) throws(Refusal) -> WebResponse {
    let wish = try request.decode(CardWish.self)
    let store = try store(request)
    try requireWritable()
    let base = try Self.base(wish.base)
    let shelf = KitShelf(store.directory)
    _ = try shelf.kit(wish.kit)
    var settings = wish.settings
    if let channel = wish.channel { settings.channel = try followed(channel) }
    let catalogue = try store.read().workspace.catalogue
    let board = try BoardShelf(catalogue: self.catalogue).path(of: wish.board)
    let plan: CardPlan
    do throws(ImageError) {
      plan = try CardPlan(
        base: base, boardFile: board, catalogue: catalogue, kit: shelf.directory.appending(wish.kit).string,
        trusted: TrustedKeys(try keys(wish)), settings: settings)
    } catch { throw Self.refusal(error) }
    let cards = CardShelf(store.directory)
    try cards.prepare()
    let job = try jobs.start(.image, project: store.id, isAlone: true) { progress, cancellation throws(Refusal) in
      try self.makeCard(base, plan, in: cards, store, progress, cancellation)
    }
    return .json(job, status: 202)
  }

  /// The channels beside the projects that have a root.
  private var roots: [ChannelRootView] {
    channels.names.compactMap { id in
      guard let sha256 = try? channels.opening(id, { $0.firstRoot?.sha256 }) else { return nil }
      return ChannelRootView(id: id, sha256: sha256)
    }
  }

  /// Returns the channel that a device is to follow. The passphrase of a network stays in memory until the card is made.
  private func followed(_ wish: FollowedWish) throws(Refusal) -> CardSettings.Channel {
    var settings = CardSettings.Channel(
      mirrors: wish.mirrors, root: CardSettings.Channel.Content(name: "the root of the channel", bytes: []))
    if let id = wish.id {
      settings.root.bytes = try firstRoot(ofChannel: id)
    } else {
      settings.root.bytes = Array((wish.root ?? "").utf8)
    }
    if let wifi = wish.wifi {
      SecretText.leaveNoCore()
      do throws(ImageError) {
        settings.wifi = try RadioNetwork(
          name: wifi.name, passphrase: wifi.passphrase, country: wifi.country.flatMap { $0.isEmpty ? nil : $0 }
        ).file
      } catch { throw Self.refusal(error) }
    }
    return settings
  }

  /// Returns the keys that the page sent, and those that it chose among the known ones.
  private func keys(_ wish: CardWish) throws(ImageError) -> [PublicKey] {
    var keys = kits.keys.filter { wish.known?.contains($0.id.description) == true }
    for text in wish.keys ?? [] {
      do throws(KeyError) {
        let key = try PublicKey(content: Array(text.utf8), named: "the key")
        kits.remember(key)
        keys.append(key)
      } catch {
        throw .refused([Diagnostic(path: "", message: "\(error)", remedy: "choose the publisher's .pub file")])
      }
    }
    return keys
  }

  private func makeCard(
    _ base: BaseImage, _ plan: CardPlan, in shelf: CardShelf, _ store: ProjectStore,
    _ progress: @escaping @Sendable (Int, Int) -> Void, _ cancellation: Cancellation
  ) throws(Refusal) {
    let manifest = plan.kit.manifest
    let words = [manifest.name, manifest.version, plan.board.name, plan.settings.serial].compactMap { $0 }
    let name = words.joined(separator: "-") + ".img"
    let path = shelf.directory.appending(name).string
    let card: CardMaker.Card
    do throws(ImageError) {
      card = try CardMaker(base, plan).make(path, progress: progress) { cancellation.isCancelled }
    } catch { throw Self.refusal(error) }
    guard let sheet = CardSheet(card, plan, catalogue: try store.read().workspace.catalogue) else {
      throw Refusal(500, "failed", "the catalogue has no English", "install the catalogue again")
    }
    do throws(SystemError) {
      try Directory(openingItself: shelf.directory).replace(
        CardShelf.sheet(of: name), with: Array(sheet.page.document.utf8))
    } catch { throw Refusal(500, "failed", "the sheet cannot be written: \(error)", "look at the disk") }
    images.keep(
      MadeCard(file: name, path: path, sha256: card.sha256, record: card.record, warnings: plan.warnings),
      project: store.id)
  }

  private static func refusal(_ error: ImageError) -> Refusal {
    switch error {
    case .refused(let diagnostics): Refusal(422, diagnostics)
    case .failed(let why): Refusal(500, "failed", why, "look at this machine, and begin again")
    case .system(let error): Refusal(500, "failed", "\(error)", "look at the file and at the disk's free space")
    case .cancelled: Refusal(422, "refused", "the card was not finished", "start it again")
    }
  }
}

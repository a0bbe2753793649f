import Board
import Catalogue
import Diagnostics
import Journal
import Kit
import KitBuilder
import Pages
import Posix
import Simulator
import Studio
import Synchronization
import Web

/// The studio's practice: at most one device at a time, which all pages of the program share.
public final class Practice: Sendable {
  private struct State {
    var session: PracticeSession?
    var number = 0
    var isClosed = false
  }

  private let studio: Studio
  private let patience: Int
  private let state = Mutex(State())
  /// The maximum wait for sound in milliseconds. A browser has few connections, which the pages share.
  private static let soundWait = 1000

  /// Creates a practice without a device.
  ///
  /// - Parameters:
  ///   - studio: the studio whose projects are practised.
  ///   - patience: the seconds without a page after which a device ends.
  public init(_ studio: Studio, patience: Int = 60) {
    self.studio = studio
    self.patience = patience
  }

  /// Ends the device, and waits until its directory is removed. None begins after it.
  public func close() {
    let session = state.withLock { state in
      state.isClosed = true
      return state.session
    }
    session?.end()
    session?.join()
  }

  /// The routes for the page.
  public var routes: [Route] {
    [
      Route("GET", "/api/1/projects/:project/practice") { request throws(Refusal) in
        .json(try self.offer(request))
      },
      Route("POST", "/api/1/projects/:project/practice") { request throws(Refusal) in
        .json(try self.begin(request), status: 201)
      },
      Route("GET", "/api/1/practice") { _ throws(Refusal) in .json(try self.attended().view) },
      Route("POST", "/api/1/practice/contacts/:contact") { request throws(Refusal) in
        struct Move: Decodable { var isDown: Bool }
        guard let contact = Int(request["contact"]) else {
          throw Refusal(404, "not-found", "there is no such button", "reload the page")
        }
        let move = try request.decode(Move.self)
        try self.attended().move(contact, isDown: move.isDown)
        return .json([String: String]())
      },
      Route("POST", "/api/1/practice/drill") { request throws(Refusal) in
        struct Wish: Decodable {
          var isOn: Bool
          var answers: String?
          var seed: UInt64?
        }
        let wish = try request.decode(Wish.self)
        let session = try self.attended()
        session.drill(wish.isOn ? try Self.drill(answers: wish.answers, seed: wish.seed) : nil)
        return .json([String: String]())
      },
      Route("POST", "/api/1/practice/end") { _ throws(Refusal) in
        try self.attended().end()
        return .json([String: String]())
      },
      Route("GET", "/api/1/practice/sound") { request throws(Refusal) in
        let session = try self.attended()
        let frame = request.query["from"].flatMap { Int($0) }
        return Self.response(session.sound.piece(from: frame, until: .now.adding(milliseconds: Self.soundWait)))
      },
      Route("GET", "/api/1/practice/journal") { request throws(Refusal) in
        let journal = try self.journal()
        return .json(JournalView(journal.reading, times: try Studio.times(request)) { _ in journal.kit })
      },
      Route("GET", "/api/1/practice/sheet") { request throws(Refusal) in
        let journal = try self.journal()
        return try Studio.sheet(
          JournalSession.all(in: journal.reading.entries), of: journal.reading, kit: journal.kit, request,
          isPractice: true)
      },
    ]
  }

  // MARK: What can be practised

  private struct Offer: Encodable {
    struct Kit: Encodable {
      var file: String
    }
    struct Board: Encodable {
      var file: String
      var name: String
      var buttons: Int
      var lamps: Int
      var isPad: Bool
    }
    /// The project's kit files, the newest first.
    var kits: [Kit]
    var boards: [Board]
    var practice: PracticeView?
  }

  /// Returns the boards of the catalogue's directory, by their files.
  private func boards(_ workspace: Workspace) -> [(file: String, board: Board)] {
    let place = Path(studio.catalogue).appending("Hardware/boards")
    let names = ((try? Files.list(place)) ?? []).filter { $0.hasSuffix(".yaml") && !$0.hasPrefix(".") }
    return names.compactMap { name in
      (try? BoardFile.read(place.appending(name).string, catalogue: workspace.catalogue)).map { (name, $0) }
    }
  }

  private func offer(_ request: WebRequest) throws(Refusal) -> Offer {
    let (_, workspace) = try studio.project(request)
    let session = state.withLock { $0.session }
    session?.attend()
    return Offer(
      kits: KitShelf(workspace.directory).all.map { Offer.Kit(file: $0.name) },
      boards: boards(workspace).map { file, board in
        let keys = board.inputs.flatMap(\.keys)
        return Offer.Board(
          file: file, name: board.name, buttons: board.lines.buttons.count + keys.count, lamps: board.leds.count,
          isPad: keys.contains { if case .digit = $0.button { true } else { false } })
      }, practice: session?.view)
  }

  // MARK: The device

  /// Begins a practice; at most one runs.
  private func begin(_ request: WebRequest) throws(Refusal) -> PracticeView {
    struct Wish: Decodable {
      var kit: String?
      var board: String
      var drill: Bool?
      var answers: String?
      var seed: UInt64?
    }
    let wish = try request.decode(Wish.self)
    let (project, workspace) = try studio.project(request)
    guard let board = boards(workspace).first(where: { $0.file == wish.board })?.board else {
      throw Refusal(404, "not-found", "there is no board '\(wish.board)'", "choose one of the list")
    }
    var kit = PracticeSession.KitSource.trial(workspace, cache: studio.cache)
    if let name = wish.kit {
      guard let entry = KitShelf(workspace.directory).entry(name) else {
        throw Refusal(404, "not-found", "there is no kit '\(name)'", "choose one of the list")
      }
      kit = .file(name: name, path: entry.path)
    }
    let drill = wish.drill == true ? try Self.drill(answers: wish.answers, seed: wish.seed) : nil
    let setup = PracticeSession.Setup(project: project, kit: kit, board: board, drill: drill)
    let session = try state.withLock { (state) throws(Refusal) -> PracticeSession in
      if state.isClosed { throw Refusal(503, "ended", "the studio ends", "start it again") }
      if let running = state.session {
        if running.view.phase != .ended {
          throw Refusal(
            409, "conflict", "a practice runs already, of '\(running.view.project)'", "use it, or end it first")
        }
        running.join()
      }
      state.number += 1
      do throws(SystemError) {
        let session = try PracticeSession("\(state.number)", setup, patience: patience) { [events = studio.events] in
          events.publish("practice", $0)
        }
        state.session = session
        return session
      } catch { throw Refusal(500, "failed", "the practice cannot begin: \(error)", "close other programs") }
    }
    return session.view
  }

  private static func drill(answers: String?, seed: UInt64?) throws(Refusal) -> PracticeSession.DrillWish {
    var mode: AnswerMode?
    if let answers {
      guard let known = AnswerMode(rawValue: answers) else {
        throw Refusal(400, "bad-request", "'\(answers)' is no way to answer", "reload the page")
      }
      mode = known
    }
    return .init(answers: mode, seed: seed ?? UInt64(Monotonic.now.nanoseconds))
  }

  /// Returns the practice, and notes that a page is there.
  private func attended() throws(Refusal) -> PracticeSession {
    guard let session = state.withLock({ $0.session }) else {
      throw Refusal(404, "not-found", "no practice has begun", "choose a board, and begin")
    }
    session.attend()
    return session
  }

  private func journal() throws(Refusal) -> (reading: JournalReading, kit: HandoverKit) {
    guard let journal = try attended().journal else {
      throw Refusal(404, "not-found", "the journal has no line yet", "press a button of the device")
    }
    return journal
  }

  /// Returns a piece of sound: 16-bit samples at 48 kHz in little-endian order.
  private static func response(_ piece: PracticeSound.Piece) -> WebResponse {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(piece.samples.count * 2)
    for sample in piece.samples {
      bytes.append(UInt8(truncatingIfNeeded: sample))
      bytes.append(UInt8(truncatingIfNeeded: sample >> 8))
    }
    return WebResponse(
      200,
      headers: [
        ("Content-Type", "application/octet-stream"), ("Cache-Control", "no-store"),
        ("Firstword-First", "\(piece.first)"), ("Firstword-Start", piece.isStart ? "1" : "0"),
        ("Firstword-Open", piece.runsOn ? "1" : "0"),
      ], body: .bytes(bytes))
  }
}

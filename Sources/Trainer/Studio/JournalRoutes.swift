import Diagnostics
import Encoding
import Foundation
import Journal
import Kit
import Pages
import Posix
import Synchronization
import Web

/// The journals that the page has read, in memory, until the page forgets them or the program ends.
final class JournalDesk: Sendable {
  private let journals = Mutex<[(id: String, project: String, reading: JournalReading)]>([])
  /// How many journals are kept.
  private static let limit = 2

  /// Keeps a journal. Its id is a hash of its lines: the same journal is kept once.
  func add(_ reading: JournalReading, project: String) -> String {
    let id = String(Digest.sha256(Array(reading.lines.map(\.hash).joined().utf8)).prefix(16))
    journals.withLock { journals in
      journals.removeAll { $0.id == id && $0.project == project }
      journals = journals.suffix(Self.limit - 1) + [(id, project, reading)]
    }
    return id
  }

  /// Returns a journal of a project.
  func reading(_ id: String, project: String) throws(Refusal) -> JournalReading {
    guard let found = journals.withLock({ $0.first { $0.id == id && $0.project == project } }) else {
      throw Refusal(404, "not-found", "this journal is no longer in memory", "choose its files again")
    }
    return found.reading
  }

  /// Forgets a journal.
  func remove(_ id: String, project: String) {
    journals.withLock { $0.removeAll { $0.id == id && $0.project == project } }
  }
}

extension Studio {
  /// The maximum size of a journal with its frame of JSON. A device keeps 20 MB by default.
  private static let journalLimit = 48 << 20
  /// The maximum number of its files and of their lines: much more than a device keeps. A line that is none takes many
  /// times its length.
  private static let journalFilesLimit = 1_000
  private static let journalLinesLimit = 400_000

  /// The routes for the journal of a device.
  var journalRoutes: [Route] {
    let journal = "/api/1/projects/:project/journals/:journal"
    return [
      Route("POST", "/api/1/projects/:project/journals", limit: Self.journalLimit) { request throws(Refusal) in
        // What reading needed is several times what is kept.
        defer { Memory.trim() }
        return try self.keepJournal(request)
      },
      Route("GET", journal) { request throws(Refusal) in
        let store = try self.store(request)
        let reading = try self.journals.reading(request["journal"], project: store.id)
        let kits = PlayedKits(of: store.directory, in: reading)
        var view = JournalView(reading, times: try Self.times(request), kit: kits.kit)
        if let hash = request.query["holds"]?.lowercased() {
          guard hash.count == 64, hash.allSatisfy(\.isHexDigit) else {
            throw Refusal(
              422, "refused", "'\(hash)' is not a SHA-256", "write the 64 digits that were noted, or leave it empty")
          }
          view.holds = reading.holds(hash)
        }
        return .json(view)
      },
      Route("GET", journal + "/sheet/:session") { request throws(Refusal) in
        let store = try self.store(request)
        let reading = try self.journals.reading(request["journal"], project: store.id)
        let kits = PlayedKits(of: store.directory, in: reading)
        let sessions = JournalSession.all(in: reading.entries).filter { "\($0.number)" == request["session"] }
        return try Self.sheet(sessions, of: reading, kit: sessions.first.flatMap(kits.kit), request)
      },
      Route("POST", journal + "/end") { request throws(Refusal) in
        self.journals.remove(request["journal"], project: try self.store(request).id)
        return .json([String: String]())
      },
    ]
  }

  /// Reads the journal that a request has.
  private func keepJournal(_ request: WebRequest) throws(Refusal) -> WebResponse {
    struct Wish: Decodable {
      struct File: Decodable {
        var name: String
        var text: String
      }
      var files: [File]
    }
    struct Kept: Encodable { var id: String }
    let wish = try request.decode(Wish.self)
    let store = try self.store(request)
    let lines = wish.files.reduce(0) { $0 + $1.text.utf8.count(where: { $0 == UInt8(ascii: "\n") }) }
    if wish.files.count > Self.journalFilesLimit || lines > Self.journalLinesLimit {
      throw Refusal(
        422, "refused", "\(counted(wish.files.count, "file")) with \(lines) lines: the journal of a device has fewer",
        "choose the files journal.jsonl* of one device")
    }
    if wish.files.isEmpty { throw Refusal(422, "refused", "no file was chosen", "choose the journal's files") }
    do throws(JournalError) {
      let reading = try JournalReading(contents: wish.files.map { ($0.name, Array($0.text.utf8)) })
      return .json(Kept(id: self.journals.add(reading, project: store.id)), status: 201)
    } catch { throw Refusal(422, "refused", "\(error)", "choose the files journal.jsonl* of the device") }
  }

  /// Returns the hand-over sheet of sessions as a document of its own. The query has `zone`, and `redacted`.
  ///
  /// - Parameters:
  ///   - kit: the kit that was played; nil if it is not available.
  ///   - isPractice: whether there was no listener.
  package static func sheet(
    _ sessions: [JournalSession], of reading: JournalReading, kit: HandoverKit?, _ request: WebRequest,
    isPractice: Bool = false
  ) throws(Refusal) -> WebResponse {
    if sessions.isEmpty { throw Refusal(404, "not-found", "there is no such session", "go back to the journal") }
    var sheet = HandoverSheet(
      sessions, breaks: JournalBreak.all(in: reading.entries), verification: .init(reading), kit: kit,
      times: try times(request), isRedacted: request.query["redacted"] != nil, made: .now,
      program: "firstword \(programVersion)")
    sheet.isPractice = isPractice
    return .document(sheet.page.document)
  }

  /// Returns the times of the browser's zone, which the query names; without a name, of this machine's.
  package static func times(_ request: WebRequest) throws(Refusal) -> HandoverTimes {
    guard let name = request.query["zone"] else { return HandoverTimes(.current) }
    guard let zone = TimeZone(identifier: name) else {
      throw Refusal(400, "bad-request", "'\(name)' is not a time zone", "reload the page")
    }
    return HandoverTimes(zone)
  }
}

/// The kits of a project that were played in the sessions of a journal, by the SHA-256 of their kit.json.
private struct PlayedKits {
  private var kits: [String: HandoverKit] = [:]

  init(of project: String, in reading: JournalReading) {
    let played = JournalSession.all(in: reading.entries)
    if played.isEmpty { return }
    for entry in KitShelf(project).all {
      guard let file = try? KitFile(path: entry.path), played.contains(where: { $0.isOf(kit: file.sha256) }) else {
        continue
      }
      kits[file.sha256] = HandoverKit(file.manifest, file.bundles)
    }
  }

  func kit(of session: JournalSession) -> HandoverKit? {
    kits.first { session.isOf(kit: $0.key) }?.value
  }
}

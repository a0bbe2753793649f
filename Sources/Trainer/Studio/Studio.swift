import Catalogue
import Diagnostics
import KitBuilder
import Posix
import Project
import Synchronization
import Web

/// The studio: what the page shows of projects, and the changes that it makes. README.md lists the routes.
public final class Studio: Sendable {
  let shelf: Shelf
  /// The catalogue's directory.
  package let catalogue: String
  let isReadOnly: Bool
  /// Where clips and analyses are kept; nil for nowhere.
  package let cache: BuildCache?
  private let memory = CatalogueMemory()
  /// The hub of the event stream.
  public let events = EventHub()
  /// The browsers that were let in.
  public let tokens = AccessTokens()
  let jobs: JobBoard
  let desk = ReviewDesk()
  let journals = JournalDesk()
  let booths = BoothDesk()
  /// The PCM of this machine's microphone that the person named.
  let microphone: String?
  let kits = KitDesk()
  let images = ImageDesk()
  /// Held while a browser prints a PDF: one at a time.
  let printing = Mutex(())
  let importDesk = ImportDesk()
  let postDesk = PostDesk()
  let channels: ChannelShelf
  private let onEntry: @Sendable () -> Void
  private let guardOfPort: RequestGuard
  private let stores = Mutex<[ProjectStore]>([])
  /// How many projects are held in memory.
  private static let held = 2

  /// Creates a studio.
  ///
  /// - Parameters:
  ///   - port: the port on which the server listens.
  ///   - shelf: the directory that holds projects' directories.
  ///   - project: the directory of the only project to show; nil for all of the shelf.
  ///   - catalogue: the catalogue's directory.
  ///   - cache: where clips and analyses are kept; nil for nowhere.
  ///   - isReadOnly: whether all changes are refused.
  ///   - microphone: the PCM of this machine's microphone; nil for the default one, if there is a sound card.
  ///   - onEntry: called when a browser was let in, and the token has changed.
  public init(
    port: Int, shelf: String, project: String?, catalogue: String, cache: BuildCache?, isReadOnly: Bool,
    microphone: String?, onEntry: @escaping @Sendable () -> Void
  ) {
    self.shelf = Shelf(directory: shelf, project: project)
    channels = ChannelShelf(self.shelf.channels)
    self.catalogue = catalogue
    self.cache = cache
    self.isReadOnly = isReadOnly
    self.microphone = microphone
    self.onEntry = onEntry
    guardOfPort = RequestGuard(port: port)
    jobs = JobBoard(events: events)
    // What an earlier program left that was killed.
    if !isReadOnly { for project in self.shelf.projects { _ = ProjectStore.tidy(project.directory) } }
  }

  /// The address with the token, for the next browser.
  public var address: String { "\(guardOfPort.origin)/#token=\(tokens.token)" }

  /// Returns what the server serves.
  ///
  /// - Parameter others: routes of modules that the studio does not import.
  public func site(with others: [Route] = []) -> Site {
    var groups = [routes, wordingRoutes, reviewRoutes, kitRoutes, cardRoutes, journalRoutes, boothRoutes]
    groups += [importRoutes, exchangeRoutes, postRoutes, returnRoutes, imageRoutes, settingsRoutes]
    groups += [channelRoutes, receiptRoutes, others]
    return Site(gate: guardOfPort, tokens: tokens, assets: StudioFiles.all, routes: groups.flatMap { $0 })
  }

  private var routes: [Route] {
    [
      Route("POST", "/api/1/session", access: .exchange) { request throws(Refusal) in
        struct Entry: Decodable { var token: String }
        guard let cookie = self.tokens.exchange(try request.decode(Entry.self).token) else {
          throw Refusal(
            403, "token", "the address was used before, or is of an earlier program",
            "open the address that the program printed last")
        }
        self.onEntry()
        return .json(
          self.session,
          headers: [("Set-Cookie", "\(self.guardOfPort.cookie)=\(cookie); Path=/; HttpOnly; SameSite=Strict")])
      },
      Route("GET", "/api/1/session") { _ throws(Refusal) in .json(self.session) },
      Route("GET", "/api/1/events") { _ throws(Refusal) in WebResponse(200, body: .events(self.events)) },
      Route("GET", "/api/1/catalogue") { _ throws(Refusal) in
        do throws(DiagnosticsError) {
          return .json(CatalogueView(try Catalogue.load(directory: self.catalogue, memory: self.memory)))
        } catch { throw Refusal(422, error.diagnostics) }
      },
      Route("GET", "/api/1/projects") { _ throws(Refusal) in
        struct Projects: Encodable { var projects: [ProjectHead] }
        return .json(Projects(projects: self.shelf.projects.map { self.head(self.store($0.id, $0.directory)) }))
      },
      Route("POST", "/api/1/projects") { request throws(Refusal) in try self.create(request) },
      Route("GET", "/api/1/projects/:project") { request throws(Refusal) in .json(self.head(try self.store(request))) },
      Route("GET", "/api/1/projects/:project/matrix") { request throws(Refusal) in
        .json(MatrixView(try self.read(request)))
      },
      Route("GET", "/api/1/projects/:project/words/:language") { request throws(Refusal) in
        let snapshot = try self.read(request)
        return .json(
          WordsView(
            snapshot, try self.language(request, in: snapshot.workspace), isWritable: !self.isReadOnly))
      },
      Route("GET", "/api/1/projects/:project/check") { request throws(Refusal) in
        return .json(CheckView(try self.store(request).lastCheck))
      },
      Route("POST", "/api/1/projects/:project/check") { request throws(Refusal) in
        let store = try self.store(request)
        // A project that cannot be read is reported now, and not by the job.
        _ = try store.read()
        let cache = self.cache
        let job = try self.jobs.start(.check, project: store.id) { progress, cancellation throws(Refusal) in
          let build = KitBuild(try store.read().workspace, cache: cache)
          do throws(BuildError) { store.keep(try build.check(until: cancellation, done: progress)) } catch {
            throw Refusal(422, "refused", "\(error)", "start it again")
          }
          self.publish(store)
        }
        return .json(job, status: 202)
      },
      Route("POST", "/api/1/jobs/:job/stop") { request throws(Refusal) in
        guard self.jobs.stop(request["job"]) else {
          throw Refusal(404, "not-found", "this work does not run, or cannot be stopped", "reload the page")
        }
        return .json([String: String]())
      },
      Route("GET", "/api/1/jobs/:job") { request throws(Refusal) in
        guard let job = self.jobs.job(request["job"]) else {
          throw Refusal(404, "not-found", "there is no such work", "start it again")
        }
        return .json(job)
      },
    ]
  }

  /// Ends what still runs: the microphone is closed.
  public func end() { booths.open?.end() }

  private var session: SessionView {
    SessionView(readOnly: isReadOnly, shelf: shelf.directory, single: shelf.project != nil)
  }
}

// MARK: - Projects

extension Studio {
  /// Returns the store of a project.
  private func store(_ id: String, _ directory: String) -> ProjectStore {
    let store = stores.withLock { stores in
      if let index = stores.firstIndex(where: { $0.id == id && $0.directory == directory }) {
        stores.append(stores.remove(at: index))
      } else {
        stores.append(ProjectStore(id: id, directory: directory, catalogue: catalogue, memory: memory))
      }
      for store in stores.dropLast(Self.held) { store.forget() }
      return stores[stores.count - 1]
    }
    if !isReadOnly { store.tidy() }
    return store
  }

  /// Returns the store of the project that a request names.
  func store(_ request: WebRequest) throws(Refusal) -> ProjectStore {
    let id = request["project"]
    guard let directory = shelf.project(id) else {
      throw Refusal(404, "not-found", "there is no project '\(id)'", "choose one on the start page")
    }
    return store(id, directory)
  }

  /// Returns the project that a request names, as its files are now.
  func read(_ request: WebRequest) throws(Refusal) -> ProjectSnapshot { try store(request).read() }

  /// Returns the id of the project that a request names, and the project as its files are now.
  package func project(_ request: WebRequest) throws(Refusal) -> (id: String, workspace: Workspace) {
    let store = try store(request)
    return (store.id, try store.read().workspace)
  }

  /// Returns the language that a request names: one that is heard, or one that responders read.
  func language(_ request: WebRequest, in workspace: Workspace) throws(Refusal) -> Language {
    let tag = request["language"]
    guard (workspace.languages + workspace.readers).contains(tag), let language = workspace.catalogue.language(tag)
    else {
      throw Refusal(404, "not-found", "the project has no language '\(tag)'", "choose one of the matrix")
    }
    return language
  }

  private func head(_ store: ProjectStore) -> ProjectHead {
    do throws(Refusal) { return ProjectHead(store, try store.read()) } catch {
      return ProjectHead(store, problems: error.diagnostics)
    }
  }

  /// Throws if nothing may be changed.
  func requireWritable() throws(Refusal) {
    if isReadOnly {
      throw Refusal(
        403, "read-only", "this studio shows, and changes nothing", "start it without --read-only to change something")
    }
  }

  /// Creates a project in a new directory of the shelf.
  private func create(_ request: WebRequest) throws(Refusal) -> WebResponse {
    struct Wish: Decodable {
      var directory: String
      var languages: [String]
      var prompts: [String]?
      var operatorLanguage: String?
    }
    try requireWritable()
    let wish = try request.decode(Wish.self)
    if shelf.project != nil {
      throw Refusal(
        403, "refused", "this studio was started for one project",
        "start 'firstword studio' in the directory that holds your projects")
    }
    guard let directory = shelf.path(ofNew: wish.directory) else {
      throw Refusal(
        422, "refused", "'\(wish.directory)' cannot name a directory",
        "use letters, digits, hyphens and spaces, 60 at most")
    }
    do throws(DiagnosticsError) {
      let known = try Catalogue.load(directory: catalogue, memory: memory)
      let (tags, ids) = (wish.languages, wish.prompts ?? [])
      let listeners = known.languages.filter { $0.roles.contains(.listener) || $0.isReserve }.map(\.tag)
      let speaking = known.languages.filter(\.isForResponder).map(\.tag)
      let prompts = known.prompts.filter { $0.module != .operator }.map(\.id)
      if tags.isEmpty || Set(tags).count != tags.count || !tags.allSatisfy(listeners.contains)
        || !ids.allSatisfy(prompts.contains) || !(wish.operatorLanguage.map(speaking.contains) ?? true)
      {
        throw DiagnosticsError(
          path: directory, message: "a language or prompt is unknown, given twice, or missing",
          remedy: "choose at least one language, and prompts of the catalogue")
      }
      try NewProject(
        directory: directory, languages: tags, prompts: known.prompts.map(\.id).filter(ids.contains),
        operatorLanguage: wish.operatorLanguage
      ).create()
    } catch { throw Refusal(422, error.diagnostics) }
    return .json(head(store(wish.directory, directory)), status: 201)
  }
}

// MARK: - Changes from elsewhere

extension Studio {
  /// A project whose files changed.
  private struct Change: Encodable {
    var id: String
    var version: String
  }

  /// Reports to all pages that files of a project changed.
  func publish(_ store: ProjectStore) {
    events.publish("project", Change(id: store.id, version: store.announce()))
  }

  /// Reports to the pages which projects and channels another program changed since the last call. Without a listening
  /// page nothing is read.
  public func publishChanges() {
    if events.listeners == 0 { return }
    for store in stores.withLock({ $0 }) where store.hasNews { publish(store) }
    for channel in channels.news() { publish(channel: channel) }
  }

  /// Reports to all pages that a channel, or the count of its receipts, changed.
  func publish(channel id: String) {
    struct Changed: Encodable { var id: String }
    channels.announce(id)
    events.publish("channel", Changed(id: id))
  }
}

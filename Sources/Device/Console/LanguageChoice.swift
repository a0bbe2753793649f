import Posix

// The responder chooses a language.

extension Console {
  /// Chooses the next or the previous language of the kit; in the finder, of the finder.
  mutating func step(by count: Int, at time: Monotonic) -> [Effect] {
    if underWay == .finder { return stepFinder(by: count, at: time) }
    let all = repertoire.languages.count
    if all == 0 { return signal(.notAvailable, prompt: nil, because: .listenerLanguage) }
    return choose(current.map { ($0 + count + all) % all } ?? (count > 0 ? 0 : all - 1), at: time)
  }

  /// Chooses a language. It says its own name to the listener at once; after that the responder hears its name.
  mutating func choose(_ index: Int, at time: Monotonic) -> [Effect] {
    let left = leave()
    activity = nil
    finder.found = nil
    forgetLanguage()
    current = index
    let language = repertoire.languages[index]
    let own = message(ConsolePrompt.languageName, in: language)
    last = own
    wanted = own?.prompt
    lastTime = time
    let chosen = left + [.journal(.language(language.tag))]
    let names = [own].compactMap { $0 } + (name(of: language.tag) ?? [])
    if !names.isEmpty { return chosen + speech.say(names) }
    return chosen + signal(.notAvailable, prompt: ConsolePrompt.languageName, because: .recording)
  }

  /// Forgets everything that belongs to the listener before.
  mutating func forgetLanguage() {
    current = nil
    run = nil
    last = nil
    (wanted, wantedForChild) = (nil, false)
    heard = nil
    questions.forget()
    about = nil
  }
}

import FoundationEssentials

/// A button that becomes an audio player when it is pressed, because a page may hold thousands of clips.
enum AudioButton {
  /// Returns the button.
  ///
  /// - Parameters:
  ///   - sound: an Ogg Opus file; the page contains it.
  ///   - label: the label for screen readers.
  static func button(_ sound: [UInt8], label: String) -> HTML {
    """
    <button type="button" data-sound="\(HTML(markup: Data(sound).base64EncodedString()))">▶ \
    <span class="hidden">\(label)</span></button>
    """
  }

  /// The script of the buttons; a page with buttons contains it once.
  static let script: HTML = """
    <script>
    document.addEventListener('click', function (event) {
      const button = event.target.closest('button[data-sound]');
      if (!button) return;
      for (const other of document.querySelectorAll('audio')) other.pause();
      const player = document.createElement('audio');
      player.controls = true;
      player.src = 'data:audio/ogg;base64,' + button.dataset.sound;
      button.replaceWith(player);
      player.play();
    });
    </script>
    """

  /// The CSS rules of the buttons.
  static let style = """
    .sound { display: flex; gap: .5rem; align-items: center; margin-top: .3rem; }
    .sound button { font-size: 1.1rem; width: 3rem; height: 3rem; flex: none; cursor: pointer; }
    .sound audio { width: 14rem; height: 3rem; flex: none; }
    .hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
    @media print { .sound button { display: none; } }

    """
}

/// The names of keys that a board may use: those in `linux/input-event-codes.h`, where `KEY_` may be left out.
public enum InputKey {
  /// Returns the name of a key code without `KEY_`, for cards; nil where the list has none. Of several names, the first
  /// in the alphabet.
  public static func name(_ code: Int) -> String? { names[code] }

  /// Returns the name of a key code as in `linux/input-event-codes.h`: `KEY_KPENTER`, `BTN_0`. A code that the list does
  /// not have is returned as `code 250`.
  public static func kernelName(_ code: Int) -> String {
    guard let name = names[code] else { return "code \(code)" }
    return name.hasPrefix("BTN_") ? name : "KEY_\(name)"
  }

  /// Returns the code of a key, by its name with or without `KEY_`; nil where the list has none.
  public static func code(_ name: String) -> Int? {
    codes[name] ?? (name.hasPrefix("KEY_") ? codes[String(name.dropFirst(4))] : nil)
  }

  /// All names, without `KEY_`.
  public static var all: [String] { codes.keys.sorted() }

  private static let names = Dictionary(codes.map { ($1, $0) }, uniquingKeysWith: { min($0, $1) })

  /// Key codes by name.
  private static let codes: [String: Int] = [
    // Number pads.
    "KP0": 82, "KP1": 79, "KP2": 80, "KP3": 81, "KP4": 75, "KP5": 76, "KP6": 77, "KP7": 71, "KP8": 72, "KP9": 73,
    "KPASTERISK": 55, "KPENTER": 96, "KPPLUS": 78, "KPMINUS": 74, "KPDOT": 83, "KPCOMMA": 121, "KPSLASH": 98,
    "KPEQUAL": 117, "KPLEFTPAREN": 179, "KPRIGHTPAREN": 180, "NUMLOCK": 69,
    // Keyboards.
    "0": 11, "1": 2, "2": 3, "3": 4, "4": 5, "5": 6, "6": 7, "7": 8, "8": 9, "9": 10,
    "A": 30, "B": 48, "C": 46, "D": 32, "E": 18, "F": 33, "G": 34, "H": 35, "I": 23, "J": 36, "K": 37, "L": 38,
    "M": 50, "N": 49, "O": 24, "P": 25, "Q": 16, "R": 19, "S": 31, "T": 20, "U": 22, "V": 47, "W": 17, "X": 45,
    "Y": 21, "Z": 44, "ENTER": 28, "SPACE": 57, "ESC": 1, "TAB": 15, "BACKSPACE": 14, "MINUS": 12, "EQUAL": 13,
    "DOT": 52, "COMMA": 51, "SLASH": 53, "SEMICOLON": 39, "APOSTROPHE": 40, "GRAVE": 41, "BACKSLASH": 43,
    "LEFTBRACE": 26, "RIGHTBRACE": 27, "UP": 103, "DOWN": 108, "LEFT": 105, "RIGHT": 106, "PAGEUP": 104,
    "PAGEDOWN": 109, "HOME": 102, "END": 107, "INSERT": 110, "DELETE": 111, "LEFTSHIFT": 42, "RIGHTSHIFT": 54,
    "LEFTCTRL": 29, "RIGHTCTRL": 97, "LEFTALT": 56, "RIGHTALT": 100, "F1": 59, "F2": 60, "F3": 61, "F4": 62, "F5": 63,
    "F6": 64, "F7": 65, "F8": 66, "F9": 67, "F10": 68, "F11": 87, "F12": 88, "F13": 183, "F14": 184, "F15": 185,
    "F16": 186, "F17": 187, "F18": 188, "F19": 189, "F20": 190, "F21": 191, "F22": 192, "F23": 193, "F24": 194,
    // Remote controls, headsets, gpio-keys.
    "PLAYPAUSE": 164, "PLAY": 207, "PAUSE": 119, "STOP": 128, "STOPCD": 166, "NEXTSONG": 163, "PREVIOUSSONG": 165,
    "VOLUMEUP": 115, "VOLUMEDOWN": 114, "MUTE": 113, "POWER": 116, "MENU": 139, "OK": 352, "SELECT": 353, "BACK": 158,
    "NEXT": 407, "PREVIOUS": 412, "HELP": 138, "LANGUAGE": 368, "RECORD": 167, "PROG1": 148, "PROG2": 149,
    "PROG3": 202, "PROG4": 203, "NUMERIC_STAR": 522, "NUMERIC_POUND": 523, "NUMERIC_0": 512, "NUMERIC_1": 513,
    "NUMERIC_2": 514, "NUMERIC_3": 515, "NUMERIC_4": 516, "NUMERIC_5": 517, "NUMERIC_6": 518, "NUMERIC_7": 519,
    "NUMERIC_8": 520, "NUMERIC_9": 521,
    // Button boxes and joysticks.
    "BTN_0": 256, "BTN_1": 257, "BTN_2": 258, "BTN_3": 259, "BTN_4": 260, "BTN_5": 261, "BTN_6": 262, "BTN_7": 263,
    "BTN_8": 264, "BTN_9": 265, "BTN_TRIGGER_HAPPY1": 704, "BTN_TRIGGER_HAPPY2": 705, "BTN_TRIGGER_HAPPY3": 706,
    "BTN_TRIGGER_HAPPY4": 707, "BTN_TRIGGER_HAPPY5": 708, "BTN_TRIGGER_HAPPY6": 709, "BTN_TRIGGER_HAPPY7": 710,
    "BTN_TRIGGER_HAPPY8": 711, "BTN_TRIGGER_HAPPY9": 712, "BTN_TRIGGER_HAPPY10": 713, "BTN_TRIGGER_HAPPY11": 714,
    "BTN_TRIGGER_HAPPY12": 715, "BTN_TRIGGER_HAPPY13": 716, "BTN_TRIGGER_HAPPY14": 717, "BTN_TRIGGER_HAPPY15": 718,
    "BTN_TRIGGER_HAPPY16": 719,
  ]
}

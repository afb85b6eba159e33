use std::cell::RefCell;
use std::rc::Rc;

/// Where a value stands: the variable, then names of fields, `@items`, `@keys`,
/// `@values` or `@indices`; empty if it stands nowhere in the schemas.
///
/// cel-go keeps a path in a Go slice and makes those of the values below by
/// `append`, which writes behind a slice where its array has room: a longer path
/// that was made before then reads the newer step, and the value has that one's
/// size. As this decides what the server accepts, paths share their room here, too.
#[derive(Debug, Clone, Default)]
pub(super) struct Path<'e> {
    array: Rc<RefCell<Vec<&'e str>>>,
    length: usize,
    /// How many steps the array may hold.
    room: usize,
}

impl<'e> Path<'e> {
    pub fn of(variable: &'e str) -> Self {
        Self::default().below(variable)
    }

    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Go's `append`: into the array if it has room, else into one of double the size.
    pub fn below(&self, step: &'e str) -> Self {
        let (array, room) = match self.length < self.room {
            true => (Rc::clone(&self.array), self.room),
            false => {
                let steps = self.array.borrow()[..self.length].to_vec();
                (Rc::new(RefCell::new(steps)), (2 * self.room).max(1))
            }
        };
        write(&mut array.borrow_mut(), self.length, step);
        Self {
            array,
            length: self.length + 1,
            room,
        }
    }

    /// The same in an array of its own.
    pub fn copied_below(&self, step: &'e str) -> Self {
        let mut steps = self.steps();
        steps.push(step);
        Self {
            length: steps.len(),
            room: steps.len(),
            array: Rc::new(RefCell::new(steps)),
        }
    }

    pub fn steps(&self) -> Vec<&'e str> {
        self.array.borrow()[..self.length].to_vec()
    }
}

fn write<'e>(steps: &mut Vec<&'e str>, at: usize, step: &'e str) {
    match steps.get_mut(at) {
        Some(earlier) => *earlier = step,
        None => steps.push(step),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_whose_array_has_room_lends_it_to_the_one_below() {
        let long = Path::of("self").below("a").below("b");
        let first = long.below("first");
        assert_eq!(first.steps(), ["self", "a", "b", "first"]);
        let second = long.below("second");
        assert_eq!(second.steps(), ["self", "a", "b", "second"]);
        assert_eq!(first.steps(), second.steps(), "the array had room for one");
        let (third, fourth) = (second.below("third"), second.below("fourth"));
        assert_eq!(third.steps()[4], "third", "it had no room for more");
        assert_eq!(fourth.steps()[4], "fourth");
    }

    #[test]
    fn what_stands_behind_a_step_stays() {
        let long = Path::of("self").below("a").below("b").below("c").below("d");
        let longer = long.below("e").below("f");
        assert_eq!(long.below("x").steps()[5], "x");
        assert_eq!(longer.steps()[5..], ["x", "f"]);
    }
}

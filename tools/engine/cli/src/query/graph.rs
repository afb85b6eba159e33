//! The unconfigured graph, in the orders in which Buck2 walks it.
//!
//! `app/buck2_query/src/query/graph` is where the orders come from: what is printed depends on them.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet, VecDeque};
use std::rc::Rc;

use build_graph::TargetLabel;
use build_lang::{Node, Project, Result};

/// Targets, each once, in the order in which they were found.
pub type Targets = Vec<TargetLabel>;

/// The targets of a project, read when they are asked for.
pub struct Graph<'p> {
    project: &'p Project,
    nodes: RefCell<HashMap<TargetLabel, Rc<Node>>>,
}

impl<'p> Graph<'p> {
    /// The graph of a project.
    pub fn new(project: &'p Project) -> Graph<'p> {
        Graph {
            project,
            nodes: RefCell::default(),
        }
    }

    /// A target with its edges.
    pub fn node(&self, label: &TargetLabel) -> Result<Rc<Node>> {
        if let Some(found) = self.nodes.borrow().get(label) {
            return Ok(found.clone());
        }
        let node = Rc::new(self.project.node(label)?);
        self.nodes.borrow_mut().insert(label.clone(), node.clone());
        Ok(node)
    }

    /// What `roots` need, themselves too: those needed first, or by distance up to a depth.
    pub fn deps(&self, roots: &[TargetLabel], depth: Option<u32>) -> Result<Targets> {
        let edges = |label: &TargetLabel| Ok(self.node(label)?.deps.clone());
        match depth {
            None => postorder(roots, edges),
            Some(depth) => by_distance(roots, depth, edges),
        }
    }

    /// What needs one of `targets` among all that `universe` needs.
    pub fn rdeps(
        &self,
        universe: &[TargetLabel],
        targets: &[TargetLabel],
        depth: Option<u32>,
    ) -> Result<Targets> {
        let nodes = self.preorder(universe)?;
        let mut users: HashMap<TargetLabel, Targets> = nodes
            .iter()
            .map(|node| (node.clone(), Vec::new()))
            .collect();
        for user in &nodes {
            for dep in &self.node(user)?.deps {
                users.entry(dep.clone()).or_default().push(user.clone());
            }
        }
        let roots: Targets = targets
            .iter()
            .filter(|target| users.contains_key(target))
            .cloned()
            .collect();
        let of = |label: &TargetLabel| Ok(users.get(label).cloned().unwrap_or_default());
        let kept: Option<HashSet<TargetLabel>> = match depth {
            Some(depth) => Some(by_distance(&roots, depth, of)?.into_iter().collect()),
            None => None,
        };
        let is_kept = |label: &TargetLabel| kept.as_ref().is_none_or(|kept| kept.contains(label));
        postorder(&roots, |label| {
            Ok(of(label)?.into_iter().filter(is_kept).collect())
        })
    }

    /// The shortest way from one of `from` to one of `to`.
    pub fn path(&self, from: &[TargetLabel], to: &[TargetLabel]) -> Result<Targets> {
        let mut came_from: HashMap<TargetLabel, Option<TargetLabel>> = HashMap::new();
        let mut open: VecDeque<TargetLabel> = VecDeque::new();
        for root in from {
            if came_from.insert(root.clone(), None).is_none() {
                open.push_back(root.clone());
            }
        }
        while let Some(label) = open.pop_front() {
            if to.contains(&label) {
                let mut path = vec![label];
                while let Some(Some(before)) = path.last().and_then(|label| came_from.get(label)) {
                    path.push(before.clone());
                }
                path.reverse();
                return Ok(path);
            }
            for dep in &self.node(&label)?.deps {
                if !came_from.contains_key(dep) {
                    came_from.insert(dep.clone(), Some(label.clone()));
                    open.push_back(dep.clone());
                }
            }
        }
        Ok(Vec::new())
    }

    /// Everything that `roots` need, users before what they use, first dependencies first.
    fn preorder(&self, roots: &[TargetLabel]) -> Result<Targets> {
        let mut seen = HashSet::new();
        let mut found = Vec::new();
        let mut open: Targets = roots.iter().rev().cloned().collect();
        while let Some(label) = open.pop() {
            if seen.insert(label.clone()) {
                open.extend(self.node(&label)?.deps.iter().rev().cloned());
                found.push(label);
            }
        }
        Ok(found)
    }
}

/// Depth first, a target after what it leads to; of several edges the last is followed first.
fn postorder(
    roots: &[TargetLabel],
    edges: impl Fn(&TargetLabel) -> Result<Targets>,
) -> Result<Targets> {
    enum Work {
        Visit(TargetLabel),
        Done(TargetLabel),
    }
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    let mut open: Vec<Work> = roots.iter().cloned().map(Work::Visit).collect();
    while let Some(work) = open.pop() {
        match work {
            Work::Done(label) => found.push(label),
            Work::Visit(label) => {
                if seen.insert(label.clone()) {
                    let next = edges(&label)?;
                    open.push(Work::Done(label));
                    open.extend(next.into_iter().map(Work::Visit));
                }
            }
        }
    }
    Ok(found)
}

/// By distance from the roots, up to a depth.
fn by_distance(
    roots: &[TargetLabel],
    depth: u32,
    edges: impl Fn(&TargetLabel) -> Result<Targets>,
) -> Result<Targets> {
    let mut seen: HashSet<TargetLabel> = HashSet::new();
    let mut found: Targets = roots
        .iter()
        .filter(|root| seen.insert((*root).clone()))
        .cloned()
        .collect();
    let mut start = 0;
    for _ in 0..depth {
        let end = found.len();
        for index in start..end {
            for next in edges(&found[index])? {
                if seen.insert(next.clone()) {
                    found.push(next);
                }
            }
        }
        start = end;
    }
    Ok(found)
}
